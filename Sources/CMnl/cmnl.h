// libmnl and the rtnetlink messages that it carries.
#pragma once
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

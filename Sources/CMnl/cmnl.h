// libmnl and the rtnetlink messages that it carries.
#pragma once
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

// epoll(7), eventfd(2), signalfd(2) and timerfd_create(2), which the Glibc overlay lacks.
#pragma once
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

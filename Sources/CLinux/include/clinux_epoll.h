// epoll(7), signalfd(2) and eventfd(2), which the Glibc overlay lacks.
#pragma once
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>

// What Swift cannot import from Linux: variadic calls, function-like macros, builtins.
#pragma once
#include "clinux_bpf.h"
#include "clinux_epoll.h"
#include "clinux_filesystem.h"
#include "clinux_memory.h"
#include "clinux_prefetch.h"
#include "clinux_process.h"
#include "clinux_script.h"
#include "clinux_socket.h"
#include "clinux_spawn.h"
#include "clinux_tun.h"
#include "clinux_tunnel.h"
#include "clinux_unix.h"

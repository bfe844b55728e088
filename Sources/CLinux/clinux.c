// The target needs one translation unit; everything is inline in the headers.
#include "CLinux.h"

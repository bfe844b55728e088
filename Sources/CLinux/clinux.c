// What is not inline in the headers has a file of its own.
#include "CLinux.h"

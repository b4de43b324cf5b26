// The kernel for vectors of 16 floats.

#if defined(__x86_64__)
#define LANES 16
#define TARGET "avx512f,fma"
#include "lanes.h"
#endif

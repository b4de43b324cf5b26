// The kernel for vectors of 8 floats.

#if defined(__x86_64__)
#define LANES 8
#define TARGET "avx2,fma"
#include "lanes.h"
#endif

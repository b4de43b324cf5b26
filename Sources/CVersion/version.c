#include "version.h"

// In C, since no setting of a Swift target can hold a text.
const char *nnfmt_version(void) { return NNFMT_VERSION; }

#ifndef NNFMT_VERSION_H
#define NNFMT_VERSION_H

/// The version of this build, as `nnfmt --version` prints it: "1.2.3" for the commit with the tag v1.2.3, "1.2.3+14.gabc1234" for
/// the fourteenth commit after it. Never NULL; lives as long as the process.
const char *_Nonnull nnfmt_version(void);

#endif

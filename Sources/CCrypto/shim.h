// What nnfmt uses of OpenSSL's libcrypto: SHA-256.
#include <openssl/evp.h>

#ifndef NN_MESSAGE_H
#define NN_MESSAGE_H

#include "images.h"
#include <stdio.h>

static inline int nn_fail(char *message, const char *text) {
  snprintf(message, NN_MESSAGE_SIZE, "%s", text ? text : "unknown error");
  return -1;
}

#endif

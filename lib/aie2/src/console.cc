// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// <stdio.h>: there is no console; the functions take their arguments and do nothing.
#include "bits.h"

FUNCTION(int, printf)(const char *, ...) { return 0; }
FUNCTION(int, fprintf)(void *, const char *, ...) { return 0; }
FUNCTION(int, puts)(const char *) { return 0; }
FUNCTION(int, putchar)(int c) { return c; }
FUNCTION(int, fflush)(void *) { return 0; }

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Kernels include <stdio.h> for debugging printf; a core has no console. printf and friends accept
// their arguments, print nothing and return 0, so that such kernels compile and link unchanged.
#ifndef ASHLAR_AIE2_STDIO_H
#define ASHLAR_AIE2_STDIO_H

#define __need_size_t
#define __need_NULL
#include <stdarg.h>
#include <stddef.h>

#define EOF (-1)

#ifdef __cplusplus
extern "C" {
#endif
typedef struct AshlarFile FILE;
#define stdin ((FILE *)0)
#define stdout ((FILE *)0)
#define stderr ((FILE *)0)
int printf(const char *__restrict, ...) __attribute__((format(printf, 1, 2)));
int fprintf(FILE *__restrict, const char *__restrict, ...) __attribute__((format(printf, 2, 3)));
int puts(const char *);
int putchar(int);
int fflush(FILE *);
// No files: declared because <cstdio> names them, undefined when called.
int remove(const char *);
int rename(const char *, const char *);
#ifdef __cplusplus
}
#endif
#endif

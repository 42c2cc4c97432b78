// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// General utilities for kernels. There is no heap: malloc and free are declared, so that library
// headers compile, and left undefined, so that a kernel that calls them does not link.
#ifndef ASHLAR_AIE2_STDLIB_H
#define ASHLAR_AIE2_STDLIB_H

#define __need_size_t
#define __need_NULL
#define __need_wchar_t
#include <stddef.h>

#define EXIT_SUCCESS 0
#define EXIT_FAILURE 1
#define RAND_MAX 0x7fffffff

#ifdef __cplusplus
extern "C" {
#endif
typedef struct {
  int quot, rem;
} div_t;
typedef struct {
  long quot, rem;
} ldiv_t;
typedef struct {
  long long quot, rem;
} lldiv_t;

__attribute__((noreturn)) void abort(void);
__attribute__((noreturn)) void exit(int);
int abs(int);
int atexit(void (*)(void));
long labs(long);
long long llabs(long long);
div_t div(int, int);
ldiv_t ldiv(long, long);
lldiv_t lldiv(long long, long long);
int atoi(const char *);
long atol(const char *);
long long atoll(const char *);
long strtol(const char *__restrict, char **__restrict, int);
long long strtoll(const char *__restrict, char **__restrict, int);
unsigned long strtoul(const char *__restrict, char **__restrict, int);
unsigned long long strtoull(const char *__restrict, char **__restrict, int);
int rand(void);
void srand(unsigned);
void qsort(void *, size_t, size_t, int (*)(const void *, const void *));
void *bsearch(const void *, const void *, size_t, size_t, int (*)(const void *, const void *));
void *malloc(size_t);
void *calloc(size_t, size_t);
void *realloc(void *, size_t);
void free(void *);
#ifdef __cplusplus
}
#endif
#endif

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The run-time library's functions under their names on the host.
#pragma once

#include <cstddef>
#include <cstdint>

extern "C" {
#define ASHLAR_SOFT(T, sf)                                                                         \
  T ashlar___add##sf##3(T, T);                                                                     \
  T ashlar___sub##sf##3(T, T);                                                                     \
  T ashlar___mul##sf##3(T, T);                                                                     \
  T ashlar___div##sf##3(T, T);                                                                     \
  int ashlar___le##sf##2(T, T);                                                                    \
  int ashlar___ge##sf##2(T, T);                                                                    \
  int ashlar___unord##sf##2(T, T);                                                                 \
  int32_t ashlar___fix##sf##si(T);                                                                 \
  uint32_t ashlar___fixuns##sf##si(T);                                                             \
  int64_t ashlar___fix##sf##di(T);                                                                 \
  uint64_t ashlar___fixuns##sf##di(T);                                                             \
  T ashlar___floatsi##sf(int32_t);                                                                 \
  T ashlar___floatunsi##sf(uint32_t);                                                              \
  T ashlar___floatdi##sf(int64_t);                                                                 \
  T ashlar___floatundi##sf(uint64_t);
ASHLAR_SOFT(float, sf)
ASHLAR_SOFT(double, df)
double ashlar___extendsfdf2(float);
float ashlar___truncdfsf2(double);
uint16_t ashlar___truncsfbf2(float);
uint16_t ashlar___truncdfbf2(double);
float ashlar___extendbfsf2(uint16_t);
#define ASHLAR_INTEGER(S, U, si)                                                                   \
  U ashlar___udiv##si##3(U, U);                                                                    \
  U ashlar___umod##si##3(U, U);                                                                    \
  S ashlar___div##si##3(S, S);                                                                     \
  S ashlar___mod##si##3(S, S);                                                                     \
  S ashlar___divmod##si##4(S, S, S *);
ASHLAR_INTEGER(int32_t, uint32_t, si)
ASHLAR_INTEGER(int64_t, uint64_t, di)
int64_t ashlar___muldi3(int64_t, int64_t);
int64_t ashlar___ashldi3(int64_t, int);
int64_t ashlar___lshrdi3(int64_t, int);
int64_t ashlar___ashrdi3(int64_t, int);
void *ashlar_memcpy(void *, const void *, size_t);
void *ashlar_memmove(void *, const void *, size_t);
void *ashlar_memset(void *, int, size_t);
int ashlar_memcmp(const void *, const void *, size_t);
size_t ashlar_strlen(const char *);
size_t ashlar_strnlen(const char *, size_t);
int ashlar_strcmp(const char *, const char *);
int ashlar_strncmp(const char *, const char *, size_t);
char *ashlar_strcpy(char *, const char *);
char *ashlar_strncpy(char *, const char *, size_t);
char *ashlar_strcat(char *, const char *);
char *ashlar_strchr(const char *, int);
char *ashlar_strrchr(const char *, int);
char *ashlar_strstr(const char *, const char *);
}

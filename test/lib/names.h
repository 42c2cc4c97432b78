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
float ashlar_expf(float);
float ashlar_exp2f(float);
float ashlar_exp10f(float);
float ashlar_expm1f(float);
float ashlar_logf(float);
float ashlar_log2f(float);
float ashlar_log10f(float);
float ashlar_log1pf(float);
float ashlar_sqrtf(float);
float ashlar_cbrtf(float);
float ashlar_sinf(float);
float ashlar_cosf(float);
float ashlar_tanf(float);
float ashlar_asinf(float);
float ashlar_acosf(float);
float ashlar_atanf(float);
float ashlar_sinhf(float);
float ashlar_coshf(float);
float ashlar_tanhf(float);
float ashlar_asinhf(float);
float ashlar_acoshf(float);
float ashlar_atanhf(float);
float ashlar_erff(float);
float ashlar_erfcf(float);
float ashlar_floorf(float);
float ashlar_ceilf(float);
float ashlar_truncf(float);
float ashlar_roundf(float);
float ashlar_rintf(float);
float ashlar_fabsf(float);
float ashlar_logbf(float);
float ashlar_powf(float, float);
float ashlar_atan2f(float, float);
float ashlar_hypotf(float, float);
float ashlar_fmodf(float, float);
float ashlar_remainderf(float, float);
float ashlar_fmaxf(float, float);
float ashlar_fminf(float, float);
float ashlar_copysignf(float, float);
float ashlar_fdimf(float, float);
float ashlar_nextafterf(float, float);
float ashlar_fmaf(float, float, float);
float ashlar_frexpf(float, int *);
float ashlar_ldexpf(float, int);
float ashlar_modff(float, float *);
int ashlar_ilogbf(float);
int32_t ashlar_lrintf(float);
int32_t ashlar_lroundf(float);
int64_t ashlar_llrintf(float);
int64_t ashlar_llroundf(float);
double ashlar_exp(double);
double ashlar_exp2(double);
double ashlar_exp10(double);
double ashlar_expm1(double);
double ashlar_log(double);
double ashlar_log2(double);
double ashlar_log10(double);
double ashlar_log1p(double);
double ashlar_sqrt(double);
double ashlar_cbrt(double);
double ashlar_sin(double);
double ashlar_cos(double);
double ashlar_tan(double);
double ashlar_asin(double);
double ashlar_acos(double);
double ashlar_atan(double);
double ashlar_sinh(double);
double ashlar_cosh(double);
double ashlar_tanh(double);
double ashlar_asinh(double);
double ashlar_acosh(double);
double ashlar_atanh(double);
double ashlar_floor(double);
double ashlar_ceil(double);
double ashlar_trunc(double);
double ashlar_round(double);
double ashlar_rint(double);
double ashlar_fabs(double);
double ashlar_logb(double);
double ashlar_fma(double, double, double);
double ashlar_pow(double, double);
double ashlar_atan2(double, double);
double ashlar_hypot(double, double);
double ashlar_fmod(double, double);
double ashlar_remainder(double, double);
double ashlar_fmax(double, double);
double ashlar_fmin(double, double);
double ashlar_copysign(double, double);
double ashlar_fdim(double, double);
double ashlar_nextafter(double, double);
double ashlar_frexp(double, int *);
double ashlar_ldexp(double, int);
double ashlar_modf(double, double *);
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Types only: a core has no clock but its cycle counter.
#ifndef ASHLAR_AIE2_TIME_H
#define ASHLAR_AIE2_TIME_H
#define __need_size_t
#define __need_NULL
#include <stddef.h>
#ifdef __cplusplus
extern "C" {
#endif
typedef long long time_t;
typedef unsigned long clock_t;
struct timespec {
  time_t tv_sec;
  long tv_nsec;
};
struct tm {
  int tm_sec, tm_min, tm_hour, tm_mday, tm_mon, tm_year, tm_wday, tm_yday, tm_isdst;
};
#ifdef __cplusplus
}
#endif
#endif

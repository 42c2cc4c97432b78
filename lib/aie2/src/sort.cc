// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// libc++'s std::sort of plain numbers: its headers declare these instances as compiled elsewhere,
// so they stand here. Each is a section of its own, a kernel carries only what it calls.
#include <algorithm>

_LIBCPP_BEGIN_NAMESPACE_STD
template <class Compare, class Iterator>
void __sort(Iterator first, Iterator last, Compare) { // Compare names the order by <, no more
  std::make_heap(first, last);
  std::sort_heap(first, last);
}
#define SORT(T) template void __sort<__less<T> &, T *>(T *, T *, __less<T> &);
SORT(char)
SORT(signed char)
SORT(unsigned char)
SORT(short)
SORT(unsigned short)
SORT(int)
SORT(unsigned)
SORT(long)
SORT(unsigned long)
SORT(long long)
SORT(unsigned long long)
SORT(float)
SORT(double)
_LIBCPP_END_NAMESPACE_STD

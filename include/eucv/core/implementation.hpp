#pragma once

// eucv is header-only, but some of what it stands on is not made of inline functions: Boost.JSON, Boost.URL and
// stb_image have sources. As with stb and doctest, exactly one translation unit of a program says
//
//     #define EUCV_IMPLEMENTATION
//     #include <eucv/eucv.hpp>
//
// or the program links the CMake target eucv::implementation. Functions of eucv that need those sources, or that would
// cost every unit seconds of compile time, are declared everywhere and defined only where the macro stands, at the end
// of their own header. A build may compile the folders apart, so that a change rebuilds only what depends on it: a unit
// that defines EUCV_IMPLEMENTATION_IMAGE alone, say, and includes the headers of image/ holds the functions of that
// folder. EUCV_IMPLEMENTATION stands for all of them.

#ifdef EUCV_IMPLEMENTATION
#define EUCV_IMPLEMENTATION_CORE
#define EUCV_IMPLEMENTATION_NET
#define EUCV_IMPLEMENTATION_IMAGE
#define EUCV_IMPLEMENTATION_DATASET
#define EUCV_IMPLEMENTATION_JUDGE
#define EUCV_IMPLEMENTATION_EUROPEANA
#define EUCV_IMPLEMENTATION_CRAWL
#define EUCV_IMPLEMENTATION_DOWNLOAD
#define EUCV_IMPLEMENTATION_TRAIN
#define EUCV_IMPLEMENTATION_EXPLAIN
#define EUCV_IMPLEMENTATION_CLASSIFY
#define EUCV_IMPLEMENTATION_ENRICH
#define EUCV_IMPLEMENTATION_REPORT
#endif

// A symbol that a linker names where no unit of a program has the implementation, among the functions that it misses.
extern "C" const char define_EUCV_IMPLEMENTATION_in_one_unit_or_link_eucv_implementation;

namespace eucv::detail {

/// Refers to that symbol: called by the inline functions that stand at the beginning of what needs the implementation.
inline void needs_implementation() noexcept {
  asm volatile("" : : "r"(&define_EUCV_IMPLEMENTATION_in_one_unit_or_link_eucv_implementation));
}

} // namespace eucv::detail

#ifdef EUCV_IMPLEMENTATION_CORE
// Two units with the macro are two definitions of a thousand things: this one comes first and says why.
extern "C" const char EUCV_IMPLEMENTATION_is_defined_in_more_than_one_unit;
const char EUCV_IMPLEMENTATION_is_defined_in_more_than_one_unit = 0;
const char define_EUCV_IMPLEMENTATION_in_one_unit_or_link_eucv_implementation = 0;

#include <boost/json/src.hpp>
#endif
#ifdef EUCV_IMPLEMENTATION_NET
#include <boost/url/src.hpp>
#endif

#pragma once

// eucv is header-only, but some of what it stands on is not made of inline functions: Boost.JSON, Boost.URL and
// stb_image have sources. As with stb and doctest, exactly one translation unit of a program says
//
//     #define EUCV_IMPLEMENTATION
//     #include <eucv/eucv.hpp>
//
// or the program links the CMake target eucv::implementation, which is that unit. This header compiles the Boost
// sources there. Functions of eucv that need them, or that would cost every unit seconds of compile time, are
// declared everywhere and defined only where the macro stands, at the end of their own header.

#ifdef EUCV_IMPLEMENTATION
#include <boost/json/src.hpp>
#include <boost/url/src.hpp>
#endif

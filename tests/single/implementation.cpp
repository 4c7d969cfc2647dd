#define EUCV_IMPLEMENTATION
#include <eucv/eucv.hpp>

#include <eucv/eucv.hpp>

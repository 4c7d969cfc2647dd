#define EUCV_IMPLEMENTATION
#include <eucv/eucv.hpp>

// Includes the umbrella alone: linked into every test program, it proves that no header defines a thing twice.
#include <eucv/eucv.hpp>

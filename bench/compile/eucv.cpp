// compile-eucv: everything, as a unit of a program that has EUCV_IMPLEMENTATION in another one.
#include <eucv/eucv.hpp>

int main() {
  return eucv::dataset::pilot_vocabulary().empty() ? 1 : 0;
}

// A program without the implementation: one line of the linker says what to do.
// refused: undefined reference to `define_EUCV_IMPLEMENTATION_in_one_unit_or_link_eucv_implementation'
#include <eucv/classify/train.hpp>

int main() {
  return eucv::classify::train_classifier("images", "model").training == 0 ? 1 : 0;
}

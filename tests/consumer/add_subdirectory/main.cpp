// A program that wants the layer library alone: headers, and nothing to link.
#include <eucv/nn.hpp>

#include <cstdio>

int main() {
  eucv::random engine(1);
  const double number = engine.uniform();
  std::printf("eucv " EUCV_VERSION ": %f\n", number);
  return number >= 0 && number < 1 ? 0 : 1;
}

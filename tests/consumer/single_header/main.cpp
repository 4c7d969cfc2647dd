// One file beside one header, and nothing but a compiler: what is read and checked here works on no installed codec.
#define EUCV_IMPLEMENTATION
#include "eucv.hpp"

#include <iostream>

int main() {
  const auto page = eucv::image::decode(std::string_view("<!DOCTYPE html>"));
  std::cout << "eucv " << EUCV_VERSION << ": " << (page ? "a picture?" : page.error().reason()) << '\n';
  return !page && page.error().code() == eucv::errc::not_an_image ? 0 : 1;
}

// One unit that is the implementation of what it includes, with the flags of pkg-config and no CMake.
#define EUCV_IMPLEMENTATION
#include <eucv/core/json.hpp>
#include <eucv/core/version.hpp>

#include <iostream>

int main() {
  const boost::json::value value = eucv::parse_json(R"({"label": "map"})", "a literal");
  std::cout << "eucv " << EUCV_VERSION << ": " << value.at("label").as_string() << '\n';
  return value.at("label").as_string() == "map" ? 0 : 1;
}

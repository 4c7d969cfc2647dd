// The unit without EUCV_IMPLEMENTATION: it calls what is defined in the other one.
#include <eucv/eucv.hpp>

#include <eucv/eucv.hpp>

int main() {
  const boost::json::value value = eucv::parse_json(R"({"version": ")" EUCV_VERSION R"("})", "a literal");
  return value.at("version").as_string() == EUCV_VERSION ? 0 : 1;
}

// A program that finds the installed package and links what is not inline.
#include <eucv/eucv.hpp>

#include <iostream>

int main() {
  const boost::json::value value = eucv::parse_json(R"({"label": "map"})", "a literal");
  const auto address = eucv::net::parse_url("http://data.europeana.eu/concept/43");
  std::cout << "eucv " << EUCV_VERSION << ": " << value.at("label").as_string() << ", " << address->host << '\n';
  return address->host == "data.europeana.eu" ? 0 : 1;
}

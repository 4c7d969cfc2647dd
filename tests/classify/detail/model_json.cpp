#include <eucv/classify/detail/model_json.hpp>

#include <functional>
#include <string>

#include <doctest/doctest.h>

#include "support/code_of.hpp"

using namespace eucv;

TEST_CASE("values of model.json are what they are asked for, or refused by name") {
  const auto value = parse_json(R"({"name": "map", "size": 64, "list": [1, 2], "more": {"a": 3}})", "here");
  const std::string on = "here";
  const classify::detail::model_json document(value, on, "model.json");
  CHECK(document.at("name").text() == "map");
  CHECK(document.at("size").number() == 64);
  CHECK(document.has("list"));
  CHECK_FALSE(document.has("lost"));
  double sum = 0;
  document.at("list").for_each([&](const auto& each) { sum += each.number(); });
  CHECK(sum == 3);
  document.at("more").for_each_member([&](const std::string& key, const auto& each) {
    CHECK(key == "a");
    CHECK(each.number() == 3);
  });
  for (const auto& wrong : {std::function<void()>([&] { (void)document.at("lost"); }),
                            std::function<void()>([&] { (void)document.at("name").number(); }),
                            std::function<void()>([&] { (void)document.at("size").text(); }),
                            std::function<void()>([&] { document.at("name").for_each([](const auto&) {}); }),
                            std::function<void()>([&] { document.at("list").for_each_member([](auto&&...) {}); })})
    CHECK(test::code_of(wrong) == errc::bad_format);
  const auto failure = test::failure_of([&] { (void)document.at("name").number(); });
  REQUIRE(failure);
  CHECK(failure->text().why.find("\"name\"") != std::string::npos);
}

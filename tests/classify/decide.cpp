#include <eucv/classify/decide.hpp>

#include <doctest/doctest.h>

using namespace eucv;

TEST_CASE("only a category that may, and only at its threshold, is decided without a person") {
  classify::description about;
  about.labels = {{"map", ""}, {"coin", ""}, {"toy", ""}};
  const auto say = [&](const char* label, double probability) {
    return classify::decide(about, {{label, "", probability}, {"other", "", 1 - probability}});
  };
  CHECK(say("map", 1) == train::verdict::review); // no thresholds
  about.decisions.categories = {
      {train::verdict::automatic, 0.8}, {train::verdict::review, 0}, {train::verdict::never, 0}};
  CHECK(say("map", 0.8) == train::verdict::automatic);
  CHECK(say("map", 0.79) == train::verdict::review);
  CHECK(say("coin", 1) == train::verdict::review);
  CHECK(say("toy", 1) == train::verdict::never);
  CHECK(say("unheard of", 1) == train::verdict::review);
  CHECK(classify::decide(about, {}) == train::verdict::review);
}

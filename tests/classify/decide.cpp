#include <eucv/classify/decide.hpp>

#include <doctest/doctest.h>

using namespace eucv;

TEST_CASE("only a category that may, and only at its threshold, is decided without a person") {
  classify::description about;
  about.labels = {{"map", ""}, {"coin", ""}, {"toy", ""}};
  const auto say = [&](const char* label, double probability) {
    return classify::decide(about, {{label, "", probability}, {"other", "", 1 - probability}});
  };
  CHECK(say("map", 1) == judge::verdict::review); // no thresholds
  about.decisions.categories = {
      {judge::verdict::automatic, 0.8}, {judge::verdict::review, 0}, {judge::verdict::never, 0}};
  CHECK(say("map", 0.8) == judge::verdict::automatic);
  CHECK(say("map", 0.79) == judge::verdict::review);
  CHECK(say("coin", 1) == judge::verdict::review);
  CHECK(say("toy", 1) == judge::verdict::never);
  CHECK(say("unheard of", 1) == judge::verdict::review);
  CHECK(classify::decide(about, {}) == judge::verdict::review);
}

TEST_CASE("what is shown of several labels is each that is sure enough by itself") {
  classify::description about;
  about.task = &judge::multi_label;
  about.labels = {{"map", ""}, {"coin", ""}, {"toy", ""}};
  const std::vector<classify::ranked_label> ranked{{"toy", "", 0.95}, {"coin", "", 0.7}, {"map", "", 0.4}};
  const auto shown = [&] {
    std::string text;
    for (const auto& each : classify::labels_to_show(about, ranked)) text += each.label + " ";
    return text;
  };
  CHECK(shown() == "toy coin ");
  about.decisions.categories = {
      {judge::verdict::automatic, 0.3}, {judge::verdict::automatic, 0.8}, {judge::verdict::review, 0}};
  CHECK(shown() == "map ");
  about.task = &judge::single_label;
  CHECK(shown().empty());
  about.decisions.categories[2] = {judge::verdict::automatic, 0.9};
  CHECK(shown() == "toy coin map ");
  about.decisions.categories.clear();
  CHECK(shown() == "toy coin map ");
}

#include <eucv/classify/decision_rule.hpp>

#include <eucv/classify/description.hpp>
#include <eucv/core/random.hpp>

#include <doctest/doctest.h>

#include <algorithm>

#include "support/code_of.hpp"

using namespace eucv;

TEST_CASE("a rule for several labels survives the way through JSON") {
  classify::description about;
  about.architecture = "small";
  about.labels = {{"map", ""}, {"toy", ""}};
  about.task = &judge::multi_label;
  about.decisions = {.calibration = {.sigmoids = {{.slope = -1.5, .offset = 0.25}, {.slope = -1, .offset = 0}}},
                     .target_precision = 0.95,
                     .confidence = 0.9,
                     .categories = {{judge::verdict::automatic, 0.8125}, {judge::verdict::review, 0}}};
  const std::string text = classify::to_json(about);
  CHECK(classify::parse_description(text, "here") == about);
  CHECK(text.find("\"format_version\": 2,") != std::string::npos);
  const auto broken = [&](const std::string& part, const std::string& by) {
    std::string other = text;
    REQUIRE(other.find(part) != std::string::npos);
    other.replace(other.find(part), part.size(), by);
    return test::code_of([&] { (void)classify::parse_description(other, "here"); });
  };
  CHECK(broken("\"map\", \"slope\"", "\"mop\", \"slope\"") == errc::bad_format);
  CHECK(broken("\"offset\": 0}", "\"offset\": \"none\"}") == errc::bad_format);
  CHECK(broken("multi-label", "all-labels") == errc::bad_format);
  CHECK(broken("\"format_version\": 2", "\"format_version\": 1") == errc::bad_format);
  about.task = &judge::single_label;
  about.decisions = {};
  CHECK(classify::to_json(about).find("\"format_version\": 1,") != std::string::npos);
  CHECK(classify::to_json(about.decisions, about.labels).empty());
}

TEST_CASE("steps survive the way through JSON to the last bit, and must rise") {
  classify::description about;
  about.architecture = "small";
  about.labels = {{"map", ""}, {"toy", ""}};
  about.task = &judge::multi_label;
  eucv::random engine(4);
  judge::isotonic many; // numbers with all their digits
  for (int i = 0; i < 200; ++i) {
    many.scores.push_back(engine.normal());
    many.probabilities.push_back(engine.uniform());
  }
  std::ranges::sort(many.scores);
  std::ranges::sort(many.probabilities);
  about.decisions.calibration.steps = {many, {.scores = {0.25}, .probabilities = {1}}};
  const std::string text = classify::to_json(about);
  CHECK(classify::parse_description(text, "here") == about);
  CHECK(about.decisions.calibration.probability(0, many.scores[7]) == many.probabilities[7]);
  CHECK(about.decisions.calibration.probability(1, -3) == 1);
  const auto broken = [&](const std::string& part, const std::string& by) {
    std::string other = text;
    REQUIRE(other.find(part) != std::string::npos);
    other.replace(other.find(part), part.size(), by);
    return test::code_of([&] { (void)classify::parse_description(other, "here"); });
  };
  CHECK(broken("[0.25], \"probabilities\": [1]", "[0.25], \"probabilities\": [1.5]") == errc::bad_format);
  CHECK(broken("[0.25], \"probabilities\": [1]", "[0.25, 0.25], \"probabilities\": [1, 1]") == errc::bad_format);
  CHECK(broken("[0.25], \"probabilities\": [1]", "[0.25, 1], \"probabilities\": [1, 0.5]") == errc::bad_format);
  CHECK(broken("[0.25], \"probabilities\": [1]", "[0.25, 1], \"probabilities\": [1]") == errc::bad_format);
  CHECK(broken("[0.25], \"probabilities\": [1]", "[], \"probabilities\": []") == errc::bad_format);
}

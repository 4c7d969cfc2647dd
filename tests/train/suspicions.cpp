#include <eucv/train/suspicions.hpp>

#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <vector>

using namespace eucv;

namespace {

std::vector<train::epoch_figures> course(double first_loss, double last_loss, double train_accuracy,
                                         double validation_accuracy) {
  std::vector<train::epoch_figures> history;
  for (std::size_t epoch = 1; epoch <= 5; ++epoch)
    history.push_back({.epoch = epoch,
                       .train_loss = first_loss + (last_loss - first_loss) * static_cast<double>(epoch - 1) / 4,
                       .train_accuracy = train_accuracy,
                       .validation_accuracy = validation_accuracy});
  return history;
}

} // namespace

TEST_CASE("a class that is never predicted is named, with its pictures") {
  // Nothing is called "seal"; of "coin" there are too few to wonder.
  const auto figures =
      judge::metrics_of({{8, 2, 0, 0}, {1, 9, 0, 0}, {2, 3, 0, 0}, {0, 4, 0, 0}}, {"map", "print", "seal", "coin"});
  const auto found = train::suspicions_of(figures);
  REQUIRE(found.size() == 1);
  CHECK(found[0].finding.find("\"seal\" (5)") != std::string::npos);
  CHECK(found[0].finding.find("coin") == std::string::npos);
  CHECK(found[0].what == train::advice::add_pictures);
}

TEST_CASE("an accuracy that a blind guess has is suspicious") {
  const auto found = train::suspicions_of(judge::metrics_of({{80, 0}, {20, 0}}, {"map", "print"}));
  REQUIRE(found.size() == 2);
  CHECK(found[0].finding.find("\"print\" (20)") != std::string::npos);
  CHECK(found[1].finding.find("80 %") != std::string::npos);
  CHECK(found[1].what == train::advice::check_labels);
  CHECK(train::suspicions_of(judge::metrics_of({{70, 10}, {5, 15}}, {"map", "print"})).empty());
  CHECK(train::suspicions_of(judge::metrics_of({{0, 0}, {0, 0}}, {"map", "print"})).empty());
}

TEST_CASE("a loss that does not fall, and pictures known by heart, are suspicious") {
  CHECK(train::suspicions_of(course(2.5, 0.8, 0.9, 0.8), 5).empty());
  const auto stuck = train::suspicions_of(course(2.5, 2.49, 0.1, 0.1), 3);
  REQUIRE(stuck.size() == 1);
  CHECK(stuck[0].finding.find("2.5 in the first epoch, 2.49 in the last") != std::string::npos);
  CHECK(stuck[0].what == train::advice::find_rate);
  const auto by_heart = train::suspicions_of(course(2.5, 0.01, 1, 0.55), 5);
  REQUIRE(by_heart.size() == 1);
  CHECK(by_heart[0].finding.find("accuracy 100 %") != std::string::npos);
  CHECK(by_heart[0].finding.find("(55 %)") != std::string::npos);
  CHECK(by_heart[0].what == train::advice::regularise_more);
  CHECK(train::suspicions_of(course(2.5, 0.01, 1, 0.95), 5).empty());
}

TEST_CASE("where there is too little to tell, nothing is said") {
  const auto history = course(2.5, 2.5, 1, 0.1);
  CHECK(train::suspicions_of(std::span(history).first(2), 1).empty());
  CHECK(train::suspicions_of(history, 0).empty());
  const double none = std::numeric_limits<double>::quiet_NaN();
  CHECK(train::suspicions_of(course(2.5, 0.1, 1, none), 5).empty());
}

#include <eucv/train/objective.hpp>

#include <eucv/judge/figures.hpp>
#include <eucv/train/objectives.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "support/code_of.hpp"

using namespace eucv;

namespace {

using bound = train::bound_objective<double>;

static_assert(train::objective<train::single_label>);
static_assert(train::objective<train::multi_label>);
static_assert(train::objective<train::bound_objective<float>>);
static_assert(!train::objective<nn::softmax_cross_entropy>); // a loss alone says nothing of its task

// Two pictures with three labels each.
const nn::logit_rows<double> logits{{2, -1, 0.5, -3, 1, -0.5}, 3};

train::multi_label two_sets() {
  using enum nn::target;
  return {.targets = {yes, no, yes, no, yes, yes}};
}

} // namespace

TEST_CASE("a bound objective has the loss, task and identity of the one that it was made of") {
  const std::vector<std::size_t> numbers{0, 1};
  const auto check = [&](const auto& wanted) {
    const bound same(wanted);
    const auto mine = same(logits, numbers), theirs = wanted(logits, numbers);
    CHECK(mine.loss == theirs.loss);
    CHECK(mine.weight == theirs.weight);
    CHECK(mine.gradient == theirs.gradient);
    CHECK(&same.task() == &wanted.task());
    CHECK(same.identity() == wanted.identity());
    CHECK(same.for_validation().identity() == wanted.for_validation().identity());
    CHECK(same.without_regularisation()(logits, numbers).loss == wanted.without_regularisation()(logits, numbers).loss);
  };
  check(train::single_label{.loss = {.class_weights = {1, 2, 3}, .label_smoothing = 0.1}});
  auto weighted = two_sets();
  weighted.loss.positive_weights = {1, 2, 3};
  check(weighted);
}

TEST_CASE("logits become predictions of the task, behind those that are there") {
  const std::vector<std::size_t> numbers{0, 1};

  judge::predictions single{.labels = {"a", "b", "c"}};
  const bound one(train::single_label{});
  one.add_predictions(logits, numbers, single);
  one.add_predictions(logits, numbers, single);
  CHECK(single.size() == 4);
  CHECK(single.truth == std::vector<std::uint8_t>{1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1, 0});
  CHECK(single.row(2)[0] == doctest::Approx(std::exp(2) / (std::exp(2) + std::exp(-1) + std::exp(0.5))));
  CHECK(one.right(logits, numbers) == 2);
  CHECK(one.right(logits, std::vector<std::size_t>{0, 2}) == 1);

  judge::predictions several{.task = &judge::multi_label, .labels = {"a", "b", "c"}};
  const bound many(two_sets());
  many.add_predictions(logits, numbers, several);
  CHECK(several.truth == std::vector<std::uint8_t>{1, 0, 1, 0, 1, 1});
  CHECK(several.row(1)[2] == logistic(-0.5));
  CHECK(many.right(logits, numbers) == 1); // of the second the last label is not found
  CHECK(judge::metrics_of(several).accuracy == 0.5);
  CHECK(test::code_of([&] {
          many.add_predictions(logits, std::vector<std::size_t>{0, 2}, several);
        }) == errc::unknown_label);
}

#include <eucv/train/fit.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <optional>
#include <set>

#include "support/code_of.hpp"
#include "support/temporary_folder.hpp"
#include "support/toy_task.hpp"

using namespace eucv;

namespace {

train::fit_data toy_data() {
  return {test::colour_source(29, 8), test::colour_source(10, 4), test::colours()};
}

train::fit_options quick(std::size_t epochs = 4) {
  return {.epochs = epochs, .schedule = nn::one_cycle{.peak = 0.02}, .clock = [] { return 0.0; }};
}

// Weights, running statistics and all else that a training leaves, as bytes.
template <class Network>
std::string traces(Network& net, const train::fit_result& result) {
  nn::tensor_file content{.source = "test"};
  nn::save_weights(net, content);
  content.metadata["history"] = train::history_csv(result.history);
  content.metadata["best"] = std::to_string(result.best_epoch);
  return nn::safetensors_bytes(content);
}

std::string unbroken(std::size_t threads, train::fit_options options = quick()) {
  thread_pool pool(threads);
  auto net = test::colour_network(pool);
  return traces(net, train::fit(net, toy_data(), options));
}

// Options whose run is asked to stop once it has done `steps` steps.
struct stopping {
  std::stop_source source;
  train::fit_options options;

  stopping(train::fit_options from, std::uint64_t steps) : options(std::move(from)) {
    options.stop = source.get_token();
    options.progress = [this, steps](const progress& now) {
      if (now.done >= steps) source.request_stop();
    };
  }
};

} // namespace

TEST_CASE("a network learns, and keeps the weights of its best epoch") {
  thread_pool pool(2);
  auto net = test::colour_network(pool);
  const auto data = toy_data();
  const auto before = train::evaluate(net, data.validation, data.labels);
  std::vector<std::uint64_t> steps;
  auto options = quick(15);
  options.progress = [&](const progress& now) {
    CHECK(now.task == "train");
    CHECK(now.total == 60);
    steps.push_back(now.done);
  };
  std::size_t told = 0;
  options.after_epoch = [&](std::span<const train::epoch_figures> history) { CHECK(history.size() == ++told); };
  const auto result = train::fit(net, data, options);
  CHECK(told == 15);
  CHECK(judge::metrics_of(before.predictions).accuracy < 0.8);
  REQUIRE(result.history.size() == 15);
  CHECK(result.history.back().train_loss < result.history.front().train_loss);
  const auto after = train::evaluate(net, data.validation, data.labels);
  const auto& best = result.history.at(result.best_epoch - 1);
  CHECK(judge::metrics_of(after.predictions).macro.f1 == best.validation_macro_f1);
  CHECK(after.loss == best.validation_loss);
  for (const auto& row : result.history) CHECK(row.validation_macro_f1 <= best.validation_macro_f1);
  CHECK(best.validation_accuracy >= 0.9);
  CHECK(steps.size() == 60);
}

TEST_CASE("the bits do not depend on the number of threads, and do on the seed") {
  auto extras = quick(3);
  extras.optimizer = nn::sgd{.weight_decay = 0.01, .nesterov = true};
  extras.mixup = 0.3;
  extras.weight_average_decay = 0.9;
  extras.accumulate = 2;
  const auto one = unbroken(1), one_with_extras = unbroken(1, extras);
  CHECK(unbroken(1) == one);
  CHECK(one_with_extras != one);
  for (const std::size_t threads : {2U, 3U, 4U, 8U}) {
    CAPTURE(threads);
    CHECK(unbroken(threads) == one);
    CHECK(unbroken(threads, extras) == one_with_extras);
  }
  thread_pool pool(1);
  auto other = test::colour_network(pool, 4);
  CHECK(traces(other, train::fit(other, toy_data(), quick())) != one);
}

TEST_CASE("a run broken off at any step, again and again, ends with the bits of an unbroken one") {
  for (const nn::any_optimizer rule : {nn::any_optimizer(nn::adam_w{}), nn::any_optimizer(nn::sgd{})}) {
    auto plain = quick();
    plain.optimizer = rule;
    const auto expected = unbroken(1, plain);
    eucv::random engine(21);
    for (int round = 0; round < 12; ++round) {
      const test::temporary_folder folder;
      auto options = plain;
      options.checkpoints = folder / "checkpoint";
      std::uint64_t at = 0;
      while (true) {
        // A new network each time, on another number of threads, as a new process would have.
        thread_pool pool(1 + engine.below(2));
        auto net = test::colour_network(pool, 100 + engine.below(100));
        if (at == 0) net = test::colour_network(pool);
        const stopping broken(options, at + engine.below(9));
        train::fit_result result;
        const auto failure = test::failure_of([&] { result = train::fit(net, toy_data(), broken.options); });
        if (!failure) {
          CHECK(result.resumed_at == at);
          CHECK(traces(net, result) == expected);
          break;
        }
        REQUIRE(failure->code() == errc::interrupted);
        at = train::checkpoint_folder(options.checkpoints).load().which->step;
      }
    }
  }
}

TEST_CASE("so does one that mixes pictures, adds gradients up and averages weights") {
  auto plain = quick();
  plain.accumulate = 3; // of four batches: the last alone
  plain.mixup = 0.4;
  plain.weight_average_decay = 0.8;
  plain.monitor = train::monitored::accuracy;
  const auto expected = unbroken(1, plain);
  CHECK(unbroken(2, plain) == expected);
  eucv::random engine(22);
  for (std::uint64_t first = 1; first < 16; first += 2) {
    const test::temporary_folder folder;
    auto options = plain;
    options.checkpoints = folder / "checkpoint";
    for (std::uint64_t at = 0, next = first;; next = at + 1 + engine.below(5)) {
      thread_pool pool(1 + engine.below(2));
      auto net = test::colour_network(pool, at == 0 ? 3 : 100);
      const stopping broken(options, next);
      train::fit_result result;
      const auto failure = test::failure_of([&] { result = train::fit(net, toy_data(), broken.options); });
      if (!failure) {
        CHECK(traces(net, result) == expected);
        break;
      }
      REQUIRE(failure->code() == errc::interrupted);
      at = train::checkpoint_folder(options.checkpoints).load().which->step;
      CHECK((at % 4 == 0 || at % 4 == 3)); // only where weights stand after all batches
      CHECK(at >= next);
    }
  }
}

TEST_CASE("added gradients make the training that larger batches make") {
  thread_pool pool(1);
  const auto train_with = [&](std::size_t batch, std::size_t accumulate) {
    using namespace nn;
    eucv::random engine(3);
    auto net =
        model(sequence{named("conv", conv2d{.out = 5}), relu{}, global_average_pool{}, named("head", dense{.out = 3})},
              shape{1, 3, 6, 6}, engine, host<float>(pool));
    auto options = quick(3);
    options.optimizer = sgd{};
    options.accumulate = accumulate;
    options.weight_average_decay = 0.5;
    return train::fit(net, {test::colour_source(29, batch), {}, test::colours()}, options);
  };
  const auto small = train_with(4, 2), large = train_with(8, 1);
  for (std::size_t epoch = 0; epoch < 3; ++epoch) {
    CHECK(small.history[epoch].rate == large.history[epoch].rate);
    CHECK(small.history[epoch].train_loss == doctest::Approx(large.history[epoch].train_loss).epsilon(1e-5));
    CHECK(small.history[epoch].train_accuracy == large.history[epoch].train_accuracy);
  }
  REQUIRE(small.last.arrays.size() == 4);
  for (std::size_t i = 0; i < 4; ++i)
    for (std::size_t j = 0; j < small.last.arrays[i].values.size(); ++j)
      CHECK(std::abs(small.last.arrays[i].values[j] - large.last.arrays[i].values[j]) < 1e-5F);
}

TEST_CASE("an average of weights is what is judged and kept, best and last") {
  thread_pool pool(1);
  auto net = test::colour_network(pool), plain = test::colour_network(pool);
  const auto data = toy_data();
  auto options = quick(6);
  const auto without = train::fit(plain, data, options);
  options.weight_average_decay = 0.9;
  const auto result = train::fit(net, data, options);
  for (std::size_t epoch = 0; epoch < 6; ++epoch) { // the steps themselves are the same
    CHECK(result.history[epoch].train_loss == without.history[epoch].train_loss);
    CHECK(result.history[epoch].validation_loss != without.history[epoch].validation_loss);
  }
  const auto& best = result.history.at(result.best_epoch - 1);
  CHECK(train::evaluate(net, data.validation, data.labels).loss == best.validation_loss);
  nn::load_weights(net, result.last);
  CHECK(train::evaluate(net, data.validation, data.labels).loss == result.history.back().validation_loss);
  nn::load_weights(plain, without.last);
  CHECK(train::evaluate(plain, data.validation, data.labels).loss == without.history.back().validation_loss);
}

TEST_CASE("the best epoch is that of the monitored figure") {
  for (const auto monitored :
       {train::monitored::macro_f1, train::monitored::accuracy, train::monitored::validation_loss}) {
    thread_pool pool(1);
    auto net = test::colour_network(pool);
    auto options = quick(60);
    options.monitor = monitored;
    options.patience = 2;
    const auto result = train::fit(net, toy_data(), options);
    const auto score = [&](const train::epoch_figures& row) {
      return monitored == train::monitored::macro_f1   ? row.validation_macro_f1
             : monitored == train::monitored::accuracy ? row.validation_accuracy
                                                       : -row.validation_loss;
    };
    CHECK(result.history.size() == result.best_epoch + 2);
    for (const auto& row : result.history) CHECK(score(row) <= score(result.history[result.best_epoch - 1]));
  }
}

TEST_CASE("early stopping counts on over a break") {
  auto options = quick(60);
  options.patience = 3;
  options.monitor = train::monitored::validation_loss;
  thread_pool pool(1);
  auto net = test::colour_network(pool);
  const auto result = train::fit(net, toy_data(), options);
  CHECK(result.history.size() < 60);
  CHECK(result.history.size() == result.best_epoch + 3);
  const test::temporary_folder folder;
  options.checkpoints = folder / "checkpoint";
  for (const std::uint64_t steps : {4 * result.best_epoch + 6, 4 * result.best_epoch + 9}) {
    auto again = test::colour_network(pool);
    const stopping broken(options, steps);
    CHECK(test::code_of([&] { train::fit(again, toy_data(), broken.options); }) == errc::interrupted);
  }
  auto again = test::colour_network(pool);
  const auto resumed = train::fit(again, toy_data(), options);
  CHECK(resumed.resumed_at > 0);
  CHECK(traces(again, resumed) == traces(net, result));
}

TEST_CASE("a finished training is not done again") {
  const test::temporary_folder folder;
  auto options = quick();
  options.checkpoints = folder / "checkpoint";
  thread_pool pool(1);
  auto net = test::colour_network(pool), again = test::colour_network(pool, 9);
  const auto first = train::fit(net, toy_data(), options);
  options.progress = [](const progress&) { FAIL("a step was taken"); };
  const auto second = train::fit(again, toy_data(), options);
  CHECK(second.resumed_at == 16);
  CHECK(traces(again, second) == traces(net, first));
}

TEST_CASE("a damaged checkpoint costs only the steps since the one before") {
  const test::temporary_folder folder;
  auto options = quick();
  options.checkpoints = folder / "checkpoint";
  thread_pool pool(1);
  auto net = test::colour_network(pool);
  const stopping broken(options, 10);
  CHECK(test::code_of([&] { train::fit(net, toy_data(), broken.options); }) == errc::interrupted);
  std::filesystem::path newest;
  for (const auto& entry : std::filesystem::directory_iterator(options.checkpoints))
    if (entry.path().filename().string().starts_with("10-")) newest = entry.path();
  std::filesystem::resize_file(newest, 1000);
  std::vector<std::string> messages;
  options.message = [&](std::string_view text) { messages.emplace_back(text); };
  auto again = test::colour_network(pool);
  const auto result = train::fit(again, toy_data(), options);
  CHECK(result.resumed_at == 8);
  REQUIRE(messages.size() == 1);
  CHECK(messages[0].find(newest.filename().string()) != std::string::npos);
  CHECK(traces(again, result) == unbroken(1));
}

TEST_CASE("a checkpoint of other options is refused, and says which") {
  const test::temporary_folder folder;
  auto options = quick();
  options.checkpoints = folder / "checkpoint";
  options.identity["data"] = "a";
  thread_pool pool(1);
  auto net = test::colour_network(pool);
  train::fit(net, toy_data(), options);
  auto other = options;
  other.identity["data"] = "b";
  const auto failure = test::failure_of([&] { train::fit(net, toy_data(), other); });
  REQUIRE(failure);
  CHECK(failure->code() == errc::invalid_argument);
  CHECK(failure->text().why.find("data \"a\"") != std::string::npos);
  other = options;
  other.epochs = 9;
  CHECK(test::code_of([&] { train::fit(net, toy_data(), other); }) == errc::invalid_argument);
}

TEST_CASE("a state is saved within an epoch once the time has come") {
  const test::temporary_folder folder;
  auto options = quick(1);
  options.checkpoints = folder / "checkpoint";
  double now = 0;
  options.clock = [&] { return now; };
  options.checkpoint_seconds = 10;
  std::set<std::uint64_t> saved;
  options.progress = [&](const progress&) {
    if (const auto found = train::checkpoint_folder(options.checkpoints).load(); found.which)
      saved.insert(found.which->step);
    now += 6;
  };
  thread_pool pool(1);
  auto net = test::colour_network(pool);
  const auto result = train::fit(net, toy_data(), options);
  CHECK(saved == std::set<std::uint64_t>{2}); // seen at step 3; that of the end came after the last report
  CHECK(result.history.at(0).seconds == 24);
}

TEST_CASE("what is not finite stops the training at once, says where, and leaves the checkpoints") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const test::temporary_folder folder;
  auto options = quick();
  options.checkpoints = folder / "checkpoint";
  thread_pool pool(1);
  auto net = test::colour_network(pool);
  const stopping broken(options, 6);
  CHECK(test::code_of([&] { train::fit(net, toy_data(), broken.options); }) == errc::interrupted);

  const auto good = toy_data();
  {
    auto again = test::colour_network(pool);
    train::fit_data eight{test::colour_source(64, 8), {}, test::colours()};
    eight.training.open = [open = eight.training.open, nan](std::size_t epoch, std::size_t first) -> train::reader {
      return [inner = open(epoch, first), nan, number = first]() mutable {
        auto batch = inner();
        if (batch && number++ == 5) batch->pixels[5] = nan;
        return batch;
      };
    };
    const auto failure = test::failure_of([&] { train::fit(again, eight, quick()); });
    REQUIRE(failure);
    CHECK(failure->code() == errc::non_finite);
    CHECK(failure->text().on == "step 6 (epoch 1)");
    CHECK(failure->text().why.find("the pictures of the batch") != std::string::npos);
  }
  for (const std::size_t number : {0U, 1U, 3U}) {
    auto again = test::colour_network(pool);
    const std::string name = again.parameters()[number].name;
    auto spoiling = options;
    spoiling.progress = [&](const progress& now) {
      if (now.done == 9) again.backend().fill(again.parameters()[number].value, nan);
    };
    const auto failure = test::failure_of([&] { train::fit(again, good, spoiling); });
    REQUIRE(failure);
    CHECK(failure->code() == errc::non_finite);
    CHECK(failure->text().on == "step 10 (epoch 3)");
    CHECK(failure->text().why.find(name) != std::string::npos);
    CHECK(train::checkpoint_folder(options.checkpoints).load().which->step == 8);
  }
  auto again = test::colour_network(pool);
  CHECK(traces(again, train::fit(again, good, options)) == unbroken(1));
}

TEST_CASE("a learning rate beyond all bounds ends in one clear error") {
  thread_pool pool(1);
  auto net = test::colour_network(pool);
  auto options = quick(50);
  options.optimizer = nn::sgd{};
  options.schedule = nn::constant_rate{.peak = 1e30};
  options.clip_norm = 0;
  CHECK(test::code_of([&] { train::fit(net, toy_data(), options); }) == errc::non_finite);
}

TEST_CASE("where no figure is monitored the last epoch is kept, however it does") {
  thread_pool pool(1);
  auto net = test::colour_network(pool);
  auto options = quick(12);
  options.monitor = train::monitored::last_epoch;
  options.schedule = nn::constant_rate{.peak = 0.05}; // too fast: the loss goes up and down
  const auto result = train::fit(net, toy_data(), options);
  CHECK(result.best_epoch == 12);
  CHECK(std::ranges::any_of(result.history, [&](const train::epoch_figures& row) {
    return row.validation_loss < result.history.back().validation_loss;
  }));
  options.patience = 1;
  CHECK(test::code_of([&] { train::fit(net, toy_data(), options); }) == errc::invalid_argument);
}

TEST_CASE("without validation the last epoch is the best") {
  thread_pool pool(1);
  auto net = test::colour_network(pool);
  const auto result = train::fit(net, {test::colour_source(9, 4), {}, test::colours()}, quick(3));
  CHECK(result.best_epoch == 3);
  CHECK(std::isnan(result.history.back().validation_loss));
}

TEST_CASE("batches without a picture are passed over, and frozen layers stay as they are") {
  thread_pool pool(1);
  auto net = test::colour_network(pool);
  net.freeze("conv");
  const auto before = net.backend().values(net.parameters()[0].value, nn::order::channels_first);
  const auto head = net.backend().values(net.parameters()[3].value, nn::order::channels_first);
  auto data = toy_data();
  data.training.batches *= 2;
  data.training.open = [open = data.training.open](std::size_t epoch, std::size_t first) -> train::reader {
    return [inner = open(epoch, first / 2), turn = first]() mutable {
      return turn++ % 2 == 0 ? std::optional(dataset::batch{}) : inner();
    };
  };
  const auto result = train::fit(net, data, quick(2));
  CHECK(result.history.size() == 2);
  CHECK(net.backend().values(net.parameters()[0].value, nn::order::channels_first) == before);
  CHECK(net.backend().values(net.parameters()[3].value, nn::order::channels_first) != head);
}

TEST_CASE("what does not fit together is refused") {
  thread_pool pool(1);
  auto net = test::colour_network(pool);
  CHECK(test::code_of([&] { train::fit(net, {test::colour_source(9, 4), {}, {"a", "b"}}); }) == errc::shape_mismatch);
  CHECK(test::code_of([&] { train::fit(net, {{}, {}, test::colours()}); }) == errc::invalid_argument);
  CHECK(test::code_of([&] { train::fit(net, toy_data(), {.accumulate = 0}); }) == errc::invalid_argument);
  auto short_source = test::colour_source(9, 4);
  short_source.batches = 4;
  CHECK(test::code_of([&] { train::fit(net, {short_source, {}, test::colours()}); }) == errc::invalid_argument);
}

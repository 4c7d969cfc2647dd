// Training and evaluation on a backend whose memory the host cannot read: as on the reference, to the bit.
#include <eucv/train/evaluate.hpp>
#include <eucv/train/find_rate.hpp>
#include <eucv/train/fit.hpp>
#include <eucv/train/overfit.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "support/opaque_backend.hpp"
#include "support/reference_backend.hpp"
#include "support/temporary_folder.hpp"
#include "support/toy_task.hpp"

using namespace eucv;

namespace {

template <class Backend>
auto network_on(Backend backend) {
  using namespace nn;
  eucv::random engine(3);
  return model(sequence{named("conv", conv2d{.out = 5, .bias = false}), named("norm", batch_norm{}), relu{},
                        global_average_pool{}, dropout{.probability = 0.2}, named("head", dense{.out = 3})},
               shape{1, 3, 6, 6}, engine, backend);
}

// History, figures and weights of a training with all that a step can do: mixup, accumulation, clipping, an average.
template <class Backend>
std::string train_on(Backend backend, const nn::any_optimizer& optimizer) {
  auto net = network_on(backend);
  train::fit_options options;
  options.epochs = 2;
  options.optimizer = optimizer;
  options.schedule = nn::cosine{.peak = 0.01};
  options.mixup = 0.3;
  options.accumulate = 2;
  options.clip_norm = 1;
  options.weight_average_decay = 0.9;
  options.clock = [] { return 0.0; };
  const auto done = train::fit(net, {test::colour_source(24, 6), test::colour_source(9, 6), test::colours()}, options);
  const auto judged = train::evaluate(net, test::colour_source(9, 6), test::colours());
  std::string text = train::history_csv(done.history) + json_number(judged.loss);
  for (const double score : judged.predictions.scores) text += ' ' + json_number(score);
  return text;
}

} // namespace

TEST_CASE("fit() and evaluate() touch tensors by primitives alone, whatever the optimizer") {
  for (const auto name : nn::optimizer_names()) {
    CAPTURE(std::string(name));
    const auto optimizer = nn::optimizer_for_pictures(name);
    CHECK(train_on(test::opaque_backend<double>(), optimizer) ==
          train_on(test::reference_backend<double>(), optimizer));
  }
}

TEST_CASE("a training on a backend whose memory the host cannot read goes on where it was broken off") {
  const auto run = [](train::fit_options options) {
    auto net = network_on(test::opaque_backend<float>());
    const auto done =
        train::fit(net, {test::colour_source(24, 6), test::colour_source(9, 6), test::colours()}, options);
    return train::history_csv(done.history);
  };
  train::fit_options options;
  options.epochs = 3;
  options.weight_average_decay = 0.9;
  options.clock = [] { return 0.0; };
  const std::string whole = run(options);
  const test::temporary_folder folder;
  options.checkpoints = folder / "checkpoints";
  auto broken = options;
  std::stop_source stop;
  broken.stop = stop.get_token();
  broken.after_epoch = [&](std::span<const train::epoch_figures>) { stop.request_stop(); };
  CHECK_THROWS_AS(run(broken), error);
  CHECK(run(options) == whole);
}

TEST_CASE("what is tried before a training leaves a network on such a backend as it was") {
  auto net = network_on(test::opaque_backend<double>());
  const auto weights = [&] {
    nn::tensor_file content;
    nn::save_weights(net, content);
    return nn::safetensors_bytes(content);
  };
  const auto before = weights();
  train::fit_options options;
  CHECK_FALSE(train::find_rate(net, test::colour_source(24, 6), options, {.steps = 10}).rates.empty());
  CHECK(train::overfit_one_batch(net, test::colour_source(24, 6), options, {.steps = 10}).steps == 10);
  CHECK(weights() == before);
}

// A program that wants the layer library alone: builds, trains, judges and stores a network by headers, with nothing to
// link.
#include <eucv/nn.hpp>

#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <optional>

namespace nn = eucv::nn;
namespace train = eucv::train;

// Noise, redder in every second picture.
eucv::dataset::batch batch_of(std::size_t seed) {
  eucv::random engine(seed);
  eucv::dataset::batch made{.n = 16, .height = 8, .width = 8, .pixels = {}, .labels = {}, .items = {}};
  for (std::size_t i = 0; i < made.n; ++i) {
    made.labels.push_back(i % 2);
    made.items.push_back(i);
    for (std::size_t k = 0; k < 8 * 8 * 3; ++k)
      made.pixels.push_back(static_cast<float>(engine.normal() + (i % 2 == 1 && k % 3 == 0 ? 1 : 0)));
  }
  return made;
}

train::source batches(std::size_t seed) {
  return {4, [seed](std::size_t epoch, std::size_t first) -> train::reader {
            return [seed, epoch, i = first]() mutable -> std::optional<eucv::dataset::batch> {
              if (i == 4) return std::nullopt;
              return batch_of(seed + epoch * 4 + i++);
            };
          }};
}

int main() {
  eucv::random engine(1);
  eucv::thread_pool pool;
  const nn::sequence layers{nn::conv2d{.out = 8}, nn::relu{}, nn::global_average_pool{}, nn::dense{.out = 2}};
  nn::model net(layers, {.c = 3, .h = 8, .w = 8}, engine, nn::host<float>(pool));

  train::fit_options options;
  options.epochs = 10;
  options.schedule = nn::constant_rate{.peak = 0.02};
  if (train::find_rate(net, batches(1), options).rates.empty()) return 1;
  if (train::overfit_one_batch(net, batches(1), options).pictures != 16) return 1;
  train::fit(net, {.training = batches(1), .validation = batches(100), .labels = {"grey", "red"}}, options);

  const std::filesystem::path path = "weights.safetensors"; // here, where no other run comes by
  nn::tensor_file weights;
  nn::save_weights(net, weights);
  nn::write_safetensors(path, weights);
  nn::load_weights(net, nn::read_safetensors(path));
  std::filesystem::remove(path);
  const auto judged = train::evaluate(net, batches(200), {"grey", "red"});
  const double accuracy = eucv::judge::metrics_of(judged.predictions).accuracy;
  std::printf("eucv " EUCV_VERSION ": %.0f %% of 64 pictures right\n", 100 * accuracy);
  return accuracy > 0.9 ? 0 : 1;
}

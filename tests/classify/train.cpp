#include <eucv/classify/train.hpp>

#include <eucv/core/file.hpp>
#include <eucv/core/lock.hpp>
#include <eucv/judge/assess.hpp>
#include <eucv/nn/safetensors.hpp>

#include <doctest/doctest.h>

#include <array>
#include <fstream>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "support/code_of.hpp"
#include "support/picture_folder.hpp"
#include "support/temporary_folder.hpp"

using namespace eucv;

namespace {

classify::train_options quick() {
  classify::train_options options;
  options.size = 32;
  options.epochs = 3;
  options.batch = 8;
  options.validation = 0.25;
  options.threads = 1;
  return options;
}

// With all that a recipe may have.
classify::train_options all_parts() {
  auto options = quick();
  options.batch = 4;
  options.schedule = classify::rate_schedule::cosine;
  options.balance = classify::class_balance::sampling;
  options.monitor = train::monitored::macro_f1;
  options.label_smoothing = 0;
  options.mixup = 0.3;
  options.augmentation.erase = 0.5;
  options.clip_norm = 0.5;
  options.accumulate = 2;
  options.weight_average_decay = 0.8;
  options.augmentation.shift = 0.1;
  return options;
}

std::set<std::string> names(const std::filesystem::path& folder) {
  std::set<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) found.insert(entry.path().filename().string());
  return found;
}

} // namespace

TEST_CASE("a folder of pictures becomes a folder with a model that knows them") {
  const test::temporary_folder folder;
  test::write_picture_folder(folder / "images", 16);
  write_file_atomically(folder / "images" / "vocabulary.json", R"({"map": "http://data.europeana.eu/concept/43"})");
  auto made = classify::train_classifier(folder / "images", folder / "model", quick());
  CHECK(made.training == 36);
  CHECK(made.validation == 12);
  CHECK(made.figures.n == 12);
  CHECK(made.figures.accuracy > 0.9);
  CHECK(made.history.size() == 3);
  CHECK(made.unreadable.empty());
  CHECK(names(folder / "model") ==
        std::set<std::string>{"weights.safetensors", "last.safetensors", "model.json", "history.csv", "metrics.json"});
  CHECK(read_file(folder / "model" / "metrics.json") == judge::to_json(made.figures, judge::single_label));
  CHECK(read_file(folder / "model" / "history.csv") == train::history_csv(made.history));
  const auto& about = made.model.about();
  REQUIRE(about.labels.size() == 3);
  CHECK(about.labels[0] == classify::label{"map", "http://data.europeana.eu/concept/43"});
  CHECK(about.labels[2] == classify::label{"unknown_to_all", ""});
  CHECK(about.provenance.at("seed") == "1");
  CHECK(about.provenance.at("training pictures") == "36");
  auto loaded = classify::classifier::load(folder / "model");
  CHECK(loaded.about() == about);
  const auto ranked = loaded.predict(test::coloured_picture(1, 999));
  CHECK(ranked[0].label == "painting");
  CHECK(ranked[0].probability == made.model.predict(test::coloured_picture(1, 999))[0].probability);
}

TEST_CASE("a training broken off goes on with the same call, to the same bits, on other threads") {
  const test::temporary_folder folder;
  test::write_picture_folder(folder / "images", 10);
  (void)classify::train_classifier(folder / "images", folder / "whole", quick());
  const auto weights = read_file(folder / "whole" / "weights.safetensors");
  for (const std::uint64_t steps : {1U, 4U, 7U}) {
    const auto model = folder / ("model" + std::to_string(steps));
    std::stop_source stop;
    auto options = quick();
    options.stop = stop.get_token();
    options.progress = [&](const progress& now) {
      if (now.done >= steps) stop.request_stop();
    };
    CHECK(test::code_of([&] { (void)classify::train_classifier(folder / "images", model, options); }) ==
          errc::interrupted);
    CHECK(std::filesystem::exists(model / "checkpoint"));
    CHECK(test::code_of([&] { (void)classify::classifier::load(model); }) == errc::not_found);
    auto other = quick();
    other.threads = 2;
    const auto made = classify::train_classifier(folder / "images", model, other);
    CHECK(made.resumed_at == steps);
    CHECK(read_file(model / "weights.safetensors") == weights);
    CHECK_FALSE(std::filesystem::exists(model / "checkpoint"));
  }
}

TEST_CASE("a finished training is only loaded, and one with other options or pictures refused") {
  const test::temporary_folder folder;
  test::write_picture_folder(folder / "images", 8);
  const auto first = classify::train_classifier(folder / "images", folder / "model", quick());
  auto options = quick();
  options.progress = [](const progress&) { FAIL("a step was taken"); };
  const auto second = classify::train_classifier(folder / "images", folder / "model", options);
  CHECK(second.best_epoch == first.best_epoch);
  CHECK(judge::to_json(second.figures, judge::single_label) == judge::to_json(first.figures, judge::single_label));
  CHECK(train::history_csv(second.history) == train::history_csv(first.history));
  options.seed = 2;
  const auto failure =
      test::failure_of([&] { (void)classify::train_classifier(folder / "images", folder / "model", options); });
  REQUIRE(failure);
  CHECK(failure->code() == errc::invalid_argument);
  CHECK(failure->text().why.find("seed") != std::string::npos);
  std::filesystem::remove(folder / "images" / "map" / "3.png");
  CHECK(test::code_of([&] { (void)classify::train_classifier(folder / "images", folder / "model", quick()); }) ==
        errc::invalid_argument);
}

TEST_CASE("weights of another model are a beginning, and frozen blocks stay as they were") {
  const test::temporary_folder folder;
  test::write_picture_folder(folder / "images", 8);
  (void)classify::train_classifier(folder / "images", folder / "first", quick());
  std::filesystem::remove_all(folder / "images" / "map");
  auto options = quick();
  options.init = folder / "first" / "weights.safetensors";
  options.freeze = 2;
  options.epochs = 1;
  (void)classify::train_classifier(folder / "images", folder / "second", options);
  const auto before = nn::read_safetensors(options.init),
             after = nn::read_safetensors(folder / "second" / "weights.safetensors");
  CHECK(after.find("head.weight")->extents == std::vector<std::size_t>{2, 256});
  for (const auto& array : before.arrays) {
    const bool frozen = array.name.starts_with("block1.") || array.name.starts_with("block2.");
    if (array.name.starts_with("head.")) continue;
    CAPTURE(array.name);
    CHECK((*after.find(array.name) == array) == frozen);
  }
  options.architecture = "resnet18";
  CHECK(test::code_of([&] { (void)classify::train_classifier(folder / "images", folder / "third", options); }) ==
        errc::missing_tensor);
}

TEST_CASE("where the head alone learns, the rest runs once, and the frozen weights stay as they were") {
  const test::temporary_folder folder;
  test::write_picture_folder(folder / "images", 16);
  (void)classify::train_classifier(folder / "images", folder / "first", quick());
  auto options = quick();
  options.init = folder / "first" / "weights.safetensors";
  options.freeze = 4;
  options.epochs = 10;
  std::string told;
  options.message = [&](std::string_view line) { told += line; };
  std::size_t features = 0;
  options.progress = [&](const progress& now) { features += now.task == "features" ? 1 : 0; };
  const auto made = classify::train_classifier(folder / "images", folder / "second", options);
  CHECK(told.find("ran once over 48 pictures") != std::string::npos);
  CHECK(features == 5 + 2); // batches of 8: 36 pictures to train on, 12 kept aside
  CHECK(made.history.size() == 10);
  CHECK(made.figures.accuracy > 0.9);
  const auto before = nn::read_safetensors(options.init),
             after = nn::read_safetensors(folder / "second" / "weights.safetensors");
  for (const auto& array : before.arrays) {
    CAPTURE(array.name);
    CHECK((*after.find(array.name) == array) == !array.name.starts_with("head."));
  }
}

TEST_CASE("the head learns first, each block at its own rate, and a broken run ends with the same bits") {
  const test::temporary_folder folder;
  test::write_picture_folder(folder / "images", 10);
  (void)classify::train_classifier(folder / "images", folder / "first", quick());
  auto options = quick();
  options.init = folder / "first" / "weights.safetensors";
  options.head_epochs = 2;
  options.layer_decay = 0.7;
  const auto whole = classify::train_classifier(folder / "images", folder / "whole", options);
  REQUIRE(whole.history.size() == 5);
  for (std::size_t i = 0; i < 5; ++i) CHECK(whole.history[i].epoch == i + 1);
  CHECK(whole.history[1].rate < 1e-6); // the end of the head's own cycle
  CHECK(whole.best_epoch > 2);
  const auto weights = read_file(folder / "whole" / "weights.safetensors");
  for (const std::uint64_t ticks : {3U, 8U, 14U, 17U}) { // while the features come, in the head's steps, in the rest
    const auto model = folder / ("model" + std::to_string(ticks));
    std::stop_source stop;
    auto broken = options;
    std::uint64_t seen = 0;
    broken.stop = stop.get_token();
    broken.progress = [&](const progress&) {
      if (++seen == ticks) stop.request_stop();
    };
    CHECK(test::code_of([&] { (void)classify::train_classifier(folder / "images", model, broken); }) ==
          errc::interrupted);
    const auto made = classify::train_classifier(folder / "images", model, options);
    CHECK(read_file(model / "weights.safetensors") == weights);
    CHECK(made.history.size() == 5);
    CHECK_FALSE(std::filesystem::exists(model / "checkpoint"));
  }
}

TEST_CASE("1, 2, 4 and 8 threads come to the same bits in three epochs, by all parts of the recipe too") {
  const test::temporary_folder folder;
  test::write_picture_folder(folder / "images", 10);
  auto by_sgd = all_parts();
  by_sgd.optimizer = "sgd";
  by_sgd.rate = 0.1;
  by_sgd.augmentation.crop = 1;
  by_sgd.balance = classify::class_balance::none;
  std::set<std::string> different;
  for (auto options : {quick(), all_parts(), by_sgd}) {
    std::string expected;
    for (const std::size_t threads : {1U, 2U, 4U, 8U}) {
      CAPTURE(threads);
      options.threads = threads;
      std::filesystem::remove_all(folder / "model");
      const auto made = classify::train_classifier(folder / "images", folder / "model", options);
      auto history = made.history;
      CHECK(history.size() == 3);
      for (auto& row : history) row.seconds = 0;
      std::string bytes = train::history_csv(history);
      for (const char* file : {"weights.safetensors", "last.safetensors", "model.json", "metrics.json"})
        bytes += read_file(folder / "model" / file);
      if (threads == 1) expected = bytes;
      CHECK((bytes == expected));
    }
    different.insert(expected);
  }
  CHECK(different.size() == 3);
}

TEST_CASE("a training by all parts of the recipe goes on to the same bits, with balanced epochs too") {
  const test::temporary_folder folder;
  test::write_picture_folder(folder / "images", 10);
  for (std::size_t i = 2; i < 10; ++i)
    std::filesystem::remove(folder / "images" / "map" / (std::to_string(i) + ".png"));
  auto options = all_parts();
  std::vector<std::size_t> told;
  options.after_epoch = [&](std::span<const train::epoch_figures> history) { told.push_back(history.size()); };
  (void)classify::train_classifier(folder / "images", folder / "whole", options);
  CHECK(told == std::vector<std::size_t>{1, 2, 3});
  const auto plain = quick();
  (void)classify::train_classifier(folder / "images", folder / "plain", plain);
  const auto bytes = [&](const char* model, const char* file) { return read_file(folder / model / file); };
  CHECK(bytes("whole", "weights.safetensors") != bytes("plain", "weights.safetensors"));
  for (const std::uint64_t steps : {1U, 6U, 11U}) {
    std::filesystem::remove_all(folder / "broken");
    std::stop_source stop;
    auto broken = options;
    broken.stop = stop.get_token();
    broken.progress = [&](const progress& now) {
      if (now.done >= steps) stop.request_stop();
    };
    CHECK(test::code_of([&] { (void)classify::train_classifier(folder / "images", folder / "broken", broken); }) ==
          errc::interrupted);
    auto other = options;
    other.threads = 2;
    (void)classify::train_classifier(folder / "images", folder / "broken", other);
    CHECK(bytes("broken", "weights.safetensors") == bytes("whole", "weights.safetensors"));
    CHECK(bytes("broken", "last.safetensors") == bytes("whole", "last.safetensors"));
  }
  auto other = options;
  other.augmentation.erase = 0.25;
  CHECK(test::code_of([&] { (void)classify::train_classifier(folder / "images", folder / "whole", other); }) ==
        errc::invalid_argument);
}

TEST_CASE("the last weights are kept beside the best, whole where only a part of them learned") {
  const test::temporary_folder folder;
  test::write_picture_folder(folder / "images", 8);
  auto options = quick();
  options.epochs = 6;
  const auto made = classify::train_classifier(folder / "images", folder / "model", options);
  const auto best = nn::read_safetensors(folder / "model" / "weights.safetensors"),
             last = nn::read_safetensors(folder / "model" / "last.safetensors");
  CHECK(last.metadata.at("mean") == best.metadata.at("mean"));
  CHECK((last.arrays == best.arrays) == (made.best_epoch == 6));
  options.init = folder / "model" / "last.safetensors";
  options.freeze = 4; // the head learns from features
  options.epochs = 2;
  (void)classify::train_classifier(folder / "images", folder / "second", options);
  const auto second = nn::read_safetensors(folder / "second" / "last.safetensors");
  REQUIRE(second.arrays.size() == last.arrays.size());
  for (std::size_t i = 0; i < last.arrays.size(); ++i) {
    CAPTURE(last.arrays[i].name);
    CHECK((second.arrays[i] == last.arrays[i]) == !last.arrays[i].name.starts_with("head."));
  }
}

TEST_CASE("pictures are prepared as the weights to begin with want them") {
  const test::temporary_folder folder;
  test::write_picture_folder(folder / "images", 8);
  (void)classify::train_classifier(folder / "images", folder / "first", quick());
  auto weights = nn::read_safetensors(folder / "first" / "weights.safetensors");
  CHECK(weights.metadata.at("mean") == "0.485 0.456 0.406");
  weights.metadata["mean"] = "0.5 0.5 0.5";
  weights.metadata["std"] = "0.25 0.25 0.25";
  nn::write_safetensors(folder / "other.safetensors", weights);
  auto options = quick();
  options.init = folder / "other.safetensors";
  options.epochs = 1;
  const auto made = classify::train_classifier(folder / "images", folder / "second", options);
  CHECK(made.model.about().pictures.mean == std::array<double, 3>{0.5, 0.5, 0.5});
  CHECK(nn::read_safetensors(folder / "second" / "weights.safetensors").metadata.at("std") == "0.25 0.25 0.25");
}

TEST_CASE("files that cannot be read are passed over and counted once") {
  const test::temporary_folder folder;
  test::write_picture_folder(folder / "images", 8);
  std::ofstream(folder / "images" / "map" / "page.jpg") << "<html>";
  const std::string sound = read_file(folder / "images" / "map" / "0.png");
  std::ofstream(folder / "images" / "painting" / "half.png", std::ios::binary) << sound.substr(0, sound.size() / 2);
  const auto made = classify::train_classifier(folder / "images", folder / "model", quick());
  CHECK(made.unreadable.size() == 2);
  CHECK(made.training + made.validation == 24);
}

TEST_CASE("what cannot be trained is refused before anything is written") {
  const test::temporary_folder folder;
  test::write_picture_folder(folder / "images", 4);
  const auto code = [&](const classify::train_options& options) {
    return test::code_of([&] { (void)classify::train_classifier(folder / "images", folder / "model", options); });
  };
  auto options = quick();
  options.batch = 100;
  CHECK(code(options) == errc::batch_too_large);
  options.batch = 0;
  CHECK(code(options) == errc::invalid_argument);
  options = quick();
  options.layer_decay = 0;
  CHECK(code(options) == errc::invalid_argument);
  options = quick();
  options.warm_up = 2;
  CHECK(code(options) == errc::invalid_argument);
  options = quick();
  options.architecture = "vgg";
  CHECK(code(options) == errc::invalid_argument);
  options = quick();
  options.init = folder / "absent.safetensors";
  CHECK(code(options) == errc::not_found);
  std::filesystem::remove_all(folder / "images" / "map");
  make_folder(folder / "images" / "map");
  CHECK(code(quick()) == errc::empty_class);
  std::filesystem::remove_all(folder / "images" / "map");
  std::filesystem::remove_all(folder / "images" / "painting");
  CHECK(code(quick()) == errc::invalid_argument);
}

TEST_CASE("two trainings do not write to one folder") {
  const test::temporary_folder folder;
  test::write_picture_folder(folder / "images", 8);
  make_folder(folder / "model");
  const folder_lock lock(folder / "model");
  CHECK(test::code_of([&] { (void)classify::train_classifier(folder / "images", folder / "model", quick()); }) ==
        errc::in_use);
}

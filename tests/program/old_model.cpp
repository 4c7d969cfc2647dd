// eucv classify, evaluate and train on folders that version 0.1 wrote, or that another version wrote with other names.
//
// tests/data/model_0.1 holds what the program of version 0.1 wrote: `eucv train IMAGES --out MODEL --size 24 --epochs 8
// --batch 6 --folds 2 --target-precision 0.7` on 90 pictures of test::write_picture_folder(), 6 of which had changed
// places, and `eucv train IMAGES --out MODEL --multi-label --size 32 --epochs 6 --batch 12 --folds 2 --target-precision
// 0.75`, once more with `--calibration isotonic`, on 98 of test::write_shape_folder() with 8 in other folders. The
// weights, 1.5 MB each, are numbers of a formula instead of those that were trained; weights_header.json is the header
// of the file that version 0.1 wrote of them. Its program on these folders gave the numbers below.
#include "support/hashed_weights.hpp"
#include "support/picture_folder.hpp"
#include "support/run_eucv.hpp"
#include "support/temporary_folder.hpp"
#include "support/tensor_digest.hpp"
#include "support/tiny_picture.hpp"

#include <eucv/core/digest.hpp>
#include <eucv/core/file.hpp>
#include <eucv/core/json.hpp>
#include <eucv/dataset/table.hpp>
#include <eucv/nn/safetensors.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace {

constexpr double tolerance = 1e-5; // kernels for other registers add in another order

std::filesystem::path data(const std::string& name) {
  return std::filesystem::path(EUCV_TEST_DATA) / "model_0.1" / name;
}

// weights.safetensors with a given header, and for values a hash of `seed`, their tensor's name and their place in it.
void write_weights(const std::filesystem::path& file, std::string header, const std::string& seed) {
  while (header.ends_with('\n')) header.pop_back();
  header.append((8 - header.size() % 8) % 8, ' ');
  const auto document = eucv::parse_json(header, "the header");
  std::vector<std::pair<std::uint64_t, std::string>> tensors; // where they begin, in the order of the file
  for (const auto& [name, entry] : document.as_object())
    if (name != "__metadata__")
      tensors.emplace_back(entry.as_object().at("data_offsets").as_array()[0].to_number<std::uint64_t>(), name);
  std::ranges::sort(tensors);
  std::string bytes(8, '\0');
  const std::uint64_t size = header.size();
  std::memcpy(bytes.data(), &size, 8);
  bytes += header;
  for (const auto& [begin, name] : tensors) {
    REQUIRE(bytes.size() == 8 + header.size() + begin);
    std::vector<std::size_t> extents;
    for (const auto& extent : document.as_object().at(name).as_object().at("shape").as_array())
      extents.push_back(extent.to_number<std::size_t>());
    for (const double value : test::hashed_weights(seed + "." + name, extents)) {
      // The head is made larger, or all pictures would look much alike to the network.
      const auto single = static_cast<float>(name == "head.weight" ? 16 * value : value);
      bytes.append(reinterpret_cast<const char*>(&single), sizeof single);
    }
  }
  eucv::write_file_atomically(file, bytes);
}

// A model of version 0.1 as a whole folder, and pictures of its size, so that none is made smaller on its way.
struct old_model {
  test::temporary_folder folder;
  std::size_t size;
  old_model(const std::string& name, const char* description, const std::string& seed, std::size_t pixels)
      : size(pixels) {
    eucv::make_folder(folder / "model");
    std::filesystem::copy_file(data(name) / description, folder / "model" / "model.json");
    std::filesystem::copy_file(data(name) / "out_of_fold.csv", folder / "model" / "out_of_fold.csv");
    write_weights(folder / "model" / "weights.safetensors", eucv::read_file(data(name) / "weights_header.json"), seed);
  }
  [[nodiscard]] std::string path(const std::string& name) const { return (folder / name).string(); }

  std::string write_picture(const std::string& name, unsigned number) const {
    const auto file = folder / name;
    eucv::make_folder(file.parent_path());
    eucv::write_file_atomically(file, eucv::image::encode_png(test::tiny_picture(number, size, size)));
    return file.string();
  }

  // The probability of each label that is shown for a picture.
  using probabilities = std::map<std::string, double>;
  [[nodiscard]] probabilities classify(unsigned number, bool abstains) const {
    std::vector<std::string> command{
        "classify", path("model"), write_picture("picture.png", number), "--top", "0", "--format", "csv", "--quiet"};
    if (!abstains) command.emplace_back("--no-abstain");
    const auto end = test::run_eucv(command);
    CAPTURE(end.err);
    REQUIRE(end.status == 0);
    eucv::write_file_atomically(folder / "out.csv", end.out);
    const auto table = eucv::dataset::read_table(folder / "out.csv");
    probabilities found;
    for (const auto& row : table.rows) found[row[table.column("label")]] = std::stod(row[table.column("probability")]);
    return found;
  }
  void check_classify(const std::vector<std::string>& labels, const std::vector<std::vector<double>>& expected) const {
    for (unsigned number = 0; number < expected.size(); ++number) {
      CAPTURE(number);
      const auto found = classify(number, false);
      REQUIRE(found.size() == labels.size());
      for (std::size_t i = 0; i < labels.size(); ++i) {
        CAPTURE(labels[i]);
        REQUIRE(found.contains(labels[i]));
        CHECK(std::abs(found.at(labels[i]) - expected[number][i]) < tolerance);
      }
    }
  }

  using figures = std::map<std::string, double>;
  void check_evaluate(const std::string& images, const figures& expected, std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"evaluate", path("model"), path(images), "--json", path("figures.json"), "--quiet"});
    const auto end = test::run_eucv(more);
    CAPTURE(end.err);
    REQUIRE(end.status == 0);
    const auto found = eucv::parse_json(eucv::read_file(folder / "figures.json"), "figures").as_object();
    for (const auto& [name, value] : expected) {
      CAPTURE(name);
      REQUIRE(found.contains(name));
      CHECK(std::abs(found.at(name).to_number<double>() - value) < tolerance);
    }
  }
};

// Each file in a folder and below, but for the lock, with a digest of its content.
std::map<std::string, std::string> content_of(const std::filesystem::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && entry.file_size() != 0)
      files[entry.path().lexically_relative(folder).string()] = eucv::sha256_text(eucv::read_file(entry.path()));
  return files;
}

// One clear sentence, and no file changed: what a folder deserves that is not understood.
void check_refused(const test::outcome& end, const std::filesystem::path& folder,
                   const std::map<std::string, std::string>& before) {
  CHECK(end.status == 1);
  CHECK(test::is_failure_line(end.last_line()));
  CHECK(end.last_line().find(folder.string()) != std::string::npos);
  CHECK(content_of(folder) == before);
}

// Options by the names that versions give or may give them: what one calls the first, another calls the second.
const std::pair<std::string, std::string> renamed[] = {{"best_by", "monitor"}, {"largest_gradient", "clip-norm"}};

} // namespace

TEST_CASE("a model of version 0.1 with one label a picture is read, and says what it said then") {
  const old_model model("single_label", "model.json", "a", 24);
  model.check_classify({"map", "painting", "unknown_to_all"}, {{0.1080716550, 0.0304851451, 0.8614431999},
                                                               {0.1506288153, 0.1055714986, 0.7437996861},
                                                               {0.1174545805, 0.2079572024, 0.6745882172},
                                                               {0.0204006718, 0.0285216576, 0.9510776706},
                                                               {0.0005585622, 0.0090682614, 0.9903731764},
                                                               {0.0056535661, 0.0310158209, 0.9633306130}});
  CHECK(model.classify(5, true).empty()); // below the threshold of 0.9747
  CHECK(model.classify(4, true).contains("unknown_to_all"));
  unsigned number = 0;
  for (const char* label : {"map", "painting", "unknown_to_all"})
    for (int i = 0; i < 2; ++i, ++number)
      model.write_picture("images/" + std::string(label) + "/new" + std::to_string(number) + ".png", number);
  model.check_evaluate("images", {{"accuracy", 1 / 3.0},
                                  {"log_loss", 1.5487406802},
                                  {"calibration_error", 0.5307687927},
                                  {"macro_roc_area", 5 / 6.0},
                                  {"macro_average_precision", 0.8444444444}});
  model.check_evaluate("images", {{"accuracy", 84 / 90.0}, {"n", 90}}, {"--out-of-fold"});
}

TEST_CASE("a model of version 0.1 with several labels a picture is read, and says what it said then") {
  const old_model model("multi_label", "model.json", "g", 32);
  model.check_classify({"bars", "disc", "ring"}, {{0.3025604496, 0.9762772418, 0.4317153014},
                                                  {0.5172811706, 0.8414944749, 0.2574985818},
                                                  {0.1047523858, 0.0100539488, 0.0219826912},
                                                  {0.0003642379, 0.0042423356, 0.0047822950},
                                                  {0.0023954611, 0.0198157224, 0.0263076430},
                                                  {0.0022603402, 0.0018319274, 0.0110948899}});
  CHECK(model.classify(2, true).empty());
  CHECK(model.classify(1, true).size() == 2); // bars and disc, with thresholds of 0.3316 and 0.5822
  for (unsigned number = 0; number < 6; ++number)
    model.write_picture((number < 3 ? "images/bars disc/new" : "images/ring/new") + std::to_string(number) + ".png",
                        number);
  model.check_evaluate("images", {{"accuracy", 1 / 6.0},
                                  {"macro_f1", 0.4333333333},
                                  {"mean_average_precision", 0.7759259259},
                                  {"ranking_loss", 1 / 6.0},
                                  {"calibration_error", 0.3806531526}});
  model.check_evaluate("images", {{"mean_average_precision", 0.9487142818}, {"n", 98}}, {"--out-of-fold"});
}

TEST_CASE("a model of version 0.1 with several labels that are calibrated by steps is read") {
  const old_model model("multi_label", "model_isotonic.json", "g", 32);
  model.check_classify({"bars", "disc", "ring"}, {{0.2, 1, 2 / 11.0}, {0.7394452864, 1, 2 / 11.0}, {2 / 27.0, 0, 0}});
  CHECK(model.classify(0, true).size() == 1); // bars stay below their threshold of 0.2294
}

TEST_CASE("a checkpoint of a version with another name for an option is gone on from or refused, and nothing is lost") {
  const test::temporary_folder folder;
  test::write_picture_folder(folder / "images", 14);
  const auto train = [&](const char* model) {
    return std::vector<std::string>{"train",    (folder / "images").string(),
                                    "--out",    (folder / model).string(),
                                    "--size",   "24",
                                    "--epochs", "4",
                                    "--batch",  "6",
                                    "--quiet"};
  };
  REQUIRE(test::run_eucv(train("whole")).status == 0);
  const auto expected = test::tensor_digest(folder / "whole" / "weights.safetensors");

  const auto model = folder / "model", checkpoint = model / "checkpoint";
  test::process run(EUCV_PROGRAM, train("model"));
  REQUIRE(run.until([&] { // one epoch is done
    std::error_code none;
    return std::filesystem::exists(model / "history.csv", none);
  }));
  run.send(SIGINT);
  REQUIRE(run.wait().status == 130);
  std::filesystem::copy(checkpoint, folder / "kept");

  for (const auto& names : renamed) {
    CAPTURE(names.first);
    std::size_t changed = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder / "kept")) {
      auto content = eucv::nn::read_safetensors(entry.path());
      for (const auto& [from, to] : {names, std::pair(names.second, names.first)})
        if (auto option = content.metadata.extract("option." + from)) {
          option.key() = "option." + to;
          content.metadata.insert(std::move(option));
          ++changed;
          break;
        }
      eucv::nn::write_safetensors(checkpoint / entry.path().filename(), content);
    }
    CHECK(changed >= 1);
    const auto before = content_of(model);
    const auto end = test::run_eucv(train("model"));
    CAPTURE(end.err);
    if (end.status != 0) {
      check_refused(end, model, before);
      continue;
    }
    CHECK(test::tensor_digest(model / "weights.safetensors") == expected);
    std::filesystem::remove_all(model); // the next name meets a training under way again
    eucv::make_folder(model);
    std::filesystem::copy(folder / "kept", checkpoint);
  }

  // As it was, it is gone on from.
  for (const auto& entry : std::filesystem::directory_iterator(folder / "kept"))
    std::filesystem::copy_file(entry.path(), checkpoint / entry.path().filename(),
                               std::filesystem::copy_options::overwrite_existing);
  const auto end = test::run_eucv(train("model"));
  CAPTURE(end.err);
  CHECK(end.status == 0);
  CHECK(test::tensor_digest(model / "weights.safetensors") == expected);
}

TEST_CASE("a finished model of a version with another name for an option is taken or refused, and nothing is lost") {
  const test::temporary_folder folder;
  test::write_picture_folder(folder / "images", 8);
  const auto model = folder / "model", description = model / "model.json";
  const auto train = [&] {
    return test::run_eucv({"train", (folder / "images").string(), "--out", model.string(), "--size", "16", "--epochs",
                           "1", "--batch", "6", "--quiet"});
  };
  REQUIRE(train().status == 0);
  const auto weights = test::tensor_digest(model / "weights.safetensors");
  const auto text = eucv::read_file(description);
  for (const auto& names : renamed) {
    CAPTURE(names.first);
    auto other = text;
    for (const auto& [from, to] : {names, std::pair(names.second, names.first)})
      if (const auto at = other.find("\"" + from + "\":"); at != std::string::npos) {
        other.replace(at + 1, from.size(), to);
        break;
      }
    CHECK(other != text);
    eucv::write_file_atomically(description, other);
    const auto before = content_of(model);
    const auto end = train();
    CAPTURE(end.err);
    if (end.status != 0) check_refused(end, model, before);
    CHECK(test::tensor_digest(model / "weights.safetensors") == weights);
  }
}

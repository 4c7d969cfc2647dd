// eucv train, evaluate and classify on small pictures: good and bad input, killed, interrupted, resumed.
#include "support/picture_folder.hpp"
#include "support/run_eucv.hpp"
#include "support/temporary_folder.hpp"

#include <eucv/core/file.hpp>
#include <eucv/core/json.hpp>
#include <eucv/nn/simd_advice.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

// Pictures of three classes, and the model that was trained on them once for all cases that only read it.
struct place {
  test::temporary_folder folder;
  place() { test::write_picture_folder(folder / "images", 14); }

  [[nodiscard]] std::string path(const char* name) const { return (folder / name).string(); }
  [[nodiscard]] std::vector<std::string> train(const char* model = "model", const char* epochs = "4") const {
    return {"train", path("images"), "--out", path(model), "--size", "24", "--epochs", epochs, "--batch", "6"};
  }
  [[nodiscard]] std::string weights(const char* model) const {
    return eucv::read_file(folder / model / "weights.safetensors");
  }
};
const place& trained() {
  struct trained_place : place {
    trained_place() {
      const auto end = test::run_eucv(train("model", "8"));
      if (end.status != 0) throw std::runtime_error(end.err);
    }
  };
  static const trained_place once;
  return once;
}

void check_failure(const test::outcome& end, const std::string& expected) {
  CAPTURE(end.err);
  CHECK(end.status == 1);
  CHECK(test::is_failure_line(end.last_line()));
  CAPTURE(expected);
  CHECK(end.last_line().find(expected) != std::string::npos);
}

} // namespace

TEST_CASE("the same seed gives the same bits with one thread and with two, and after a kill or an interruption") {
  const place here;
  const auto with_threads = [&](std::vector<std::string> command, const char* threads) {
    command.insert(command.end(), {"--threads", threads});
    return command;
  };
  REQUIRE(test::run_eucv(with_threads(here.train("one"), "1")).status == 0);
  REQUIRE(test::run_eucv(with_threads(here.train("two"), "2")).status == 0);
  const std::string whole = here.weights("one");
  CHECK(here.weights("two") == whole);

  for (const int signal : {SIGKILL, SIGINT, SIGTERM}) {
    CAPTURE(signal);
    const std::string model = "signal" + std::to_string(signal);
    test::process run(EUCV_PROGRAM, here.train(model.c_str()));
    REQUIRE(run.until([&] { // one epoch is done
      std::error_code none;
      return std::filesystem::exists(here.folder / model / "history.csv", none);
    }));
    run.send(signal);
    const auto end = run.wait();
    CHECK(end.status == (signal == SIGKILL ? 128 + SIGKILL : 130));
    if (signal != SIGKILL) CHECK(test::is_failure_line(end.last_line()));
    CHECK_FALSE(std::filesystem::exists(here.folder / model / "model.json"));

    const auto resumed = test::run_eucv(here.train(model.c_str()));
    CAPTURE(resumed.err);
    CHECK(resumed.status == 0);
    CHECK(here.weights(model.c_str()) == whole);
  }
}

TEST_CASE("options of the version before go on working, with a line that says the new name; a file gives options") {
  const place here;
  auto old = here.train("old");
  old.insert(old.end(), {"--watch", "last", "--average=0.9", "--clip", "5", "--optimizer", "lamb", "--lr", "0.01"});
  const auto first = test::run_eucv(old);
  CAPTURE(first.err);
  REQUIRE(first.status == 0);
  CHECK(first.err.find("--watch is now called --monitor") != std::string::npos);
  CHECK(first.err.find("--average is now called --weight-average") != std::string::npos);
  CHECK(first.err.find("--clip is now called --clip-norm") != std::string::npos);

  eucv::write_file_atomically(here.folder / "options.toml", "monitor = \"last\"\nweight-average = 0.9\nclip-norm = 5\n"
                                                            "[train]\noptimizer = \"lamb\"\nlr = 0.01\n");
  auto configured = here.train("new");
  configured.insert(configured.end(), {"--config", here.path("options.toml")});
  const auto second = test::run_eucv(configured);
  CAPTURE(second.err);
  REQUIRE(second.status == 0);
  CHECK(second.err.find("is now called") == std::string::npos);
  CHECK(here.weights("new") == here.weights("old"));

  eucv::write_file_atomically(here.folder / "wrong.toml", "epoch = 3\n");
  auto wrong = here.train("wrong");
  wrong.insert(wrong.end(), {"--config", here.path("wrong.toml")});
  const auto refused = test::run_eucv(wrong);
  CHECK(refused.status == 2);
  CHECK(refused.last_line().find("--epoch") != std::string::npos);
}

TEST_CASE("train takes the whole recipe, and writes events for TensorBoard") {
  const place here;
  auto command = here.train("recipe");
  command.insert(command.end(), {"--schedule",       "cosine",   "--balance",         "sampling",
                                 "--monitor",        "macro-f1", "--label-smoothing", "0.05",
                                 "--mixup",          "0.2",      "--erase",           "0.25",
                                 "--weight-average", "0.9",      "--accumulate",      "2",
                                 "--clip-norm",      "5",        "--tensorboard",     here.path("board")});
  const auto end = test::run_eucv(command);
  CAPTURE(end.err);
  CHECK(end.status == 0);
  const auto provenance = eucv::parse_json(eucv::read_file(here.folder / "recipe" / "model.json"), "model")
                              .as_object()
                              .at("provenance")
                              .as_object();
  CHECK(provenance.at("mixup").as_string() == "0.2");
  CHECK(provenance.at("balance").as_string() == "sampling");
  CHECK(provenance.at("monitor").as_string() == "macro-f1");
  CHECK(provenance.at("schedule").as_string() == "cosine");
  CHECK(std::filesystem::exists(here.folder / "recipe" / "last.safetensors"));
  const auto events = eucv::read_file(here.folder / "board" / "events.out.tfevents.eucv");
  CHECK(events.find("brain.Event:2") != std::string::npos);
  CHECK(events.find("macro_f1/validation") != std::string::npos);
  std::filesystem::remove_all(here.folder / "board"); // a training that is done already has its history still
  CHECK(test::run_eucv(command).status == 0);
  CHECK(eucv::read_file(here.folder / "board" / "events.out.tfevents.eucv").size() == events.size());
  *std::ranges::find(command, "cosine") = "sometimes";
  CHECK(test::run_eucv(command).status == 2);
}

TEST_CASE("train --check and --find-rate say what they find, and train nothing") {
  const place here;
  const auto with = [&](std::vector<std::string> more) {
    auto command = here.train("model");
    command.insert(command.end(), more.begin(), more.end());
    return test::run_eucv(command);
  };
  const auto sound = with({"--check"});
  CAPTURE(sound.err);
  CHECK(sound.status == 0);
  CHECK(sound.out.starts_with("the network learns by heart one batch of 6 pictures"));
  CHECK_FALSE(std::filesystem::exists(here.folder / "model"));
  check_failure(with({"--check", "--lr", "1e-9"}), "try another learning rate (--find-rate)");

  const auto rate = with({"--find-rate"});
  CAPTURE(rate.err);
  CHECK(rate.status == 0);
  CHECK(rate.out.starts_with("train with --lr "));
  CHECK(eucv::read_file(here.folder / "model" / "rates.svg").starts_with("<svg"));
  CHECK(eucv::read_file(here.folder / "model" / "rates.csv").starts_with("rate,loss"));
  CHECK_FALSE(std::filesystem::exists(here.folder / "model" / "model.json"));
  CHECK(with({"--quiet"}).status == 0); // the folder is as good as new
}

TEST_CASE("what looks wrong in the figures is said on stderr") {
  const place here;
  auto command = here.train("model", "3");
  command.insert(command.end(), {"--lr", "1e-9"});
  const auto end = test::run_eucv(command);
  CHECK(end.status == 0);
  CHECK(end.err.find("eucv: warning: the loss on training pictures did not fall") != std::string::npos);
}

TEST_CASE("training says once what a faster build would bring, where there is one, and nothing if it is to be quiet") {
  const place here;
  // The program is compiled for the same registers as this test.
  const std::string advice(eucv::nn::simd_advice());
  auto command = here.train("model", "1");
  const auto told = test::run_eucv(command);
  REQUIRE(told.status == 0);
  const auto first = told.err.find("-march=native");
  CHECK((first == std::string::npos) == advice.empty());
  CHECK(told.err.rfind("-march=native") == first);
  CHECK(told.err.find(advice) != std::string::npos);
  command.emplace_back("--quiet");
  const auto silent = test::run_eucv(command);
  CHECK(silent.status == 0);
  CHECK(silent.err.find("-march=native") == std::string::npos);
}

TEST_CASE("evaluate prints figures, classes and the confusion matrix, and writes the figures") {
  const place& here = trained();
  const auto end =
      test::run_eucv({"evaluate", here.path("model"), here.path("images"), "--json", here.path("figures.json")});
  CAPTURE(end.err);
  CHECK(end.status == 0);
  CHECK(end.out.find("accuracy ") == 0);
  CHECK(end.out.find("true \\ predicted") != std::string::npos);
  CHECK(end.out.find("unknown_to_all") != std::string::npos);
  const auto figures = eucv::parse_json(eucv::read_file(here.folder / "figures.json"), "figures").as_object();
  CHECK(figures.at("accuracy").to_number<double>() > 0.9);
  CHECK(figures.at("n").to_number<int>() == 42);
  CHECK(end.out.find("95 % interval") != std::string::npos);
  const auto& range = figures.at("intervals").as_object().at("accuracy").as_array();
  CHECK(range[0].to_number<double>() <= figures.at("accuracy").to_number<double>());
  CHECK(range[1].to_number<double>() >= figures.at("accuracy").to_number<double>());
  for (const char* key : {"macro_f1", "macro_precision", "macro_recall", "macro_specificity"})
    CHECK(figures.at(key).is_number());
  CHECK(figures.at("confusion_matrix").as_array().size() == 3);
  CHECK(figures.at("per_class").as_array()[0].as_object().at("label").as_string() == "map");
}

TEST_CASE("classify speaks as table, CSV and JSON lines, and reads lists") {
  const place& here = trained();
  const std::string picture = here.path("images/map/3.png");
  const auto run = [&](std::vector<std::string> more, test::surroundings around = {}) {
    std::vector<std::string> command{"classify", here.path("model")};
    command.insert(command.end(), more.begin(), more.end());
    return test::run_eucv(std::move(command), std::move(around));
  };
  const auto table = run({picture, "--top", "2"});
  CHECK(table.status == 0);
  CHECK(table.out.find(picture + "  map") != std::string::npos);

  const auto csv = run({picture, "--format", "csv"});
  CHECK(csv.out.starts_with("file,rank,label,concept,probability\n" + picture +
                            ",1,map,http://data.europeana.eu/concept/43,0."));
  CHECK(std::ranges::count(csv.out, '\n') == 4);

  const auto lines = run({here.path("images/map"), "--format", "jsonl", "--top", "1"});
  CHECK(std::ranges::count(lines.out, '\n') == 14);
  const auto first = eucv::parse_json(lines.out.substr(0, lines.out.find('\n')), "a line").as_object();
  CHECK(first.at("file").as_string() == here.path("images/map/0.png"));
  const auto& guess = first.at("predictions").as_array().at(0).as_object();
  CHECK(guess.at("label").as_string() == "map");
  CHECK(guess.at("concept").as_string() == "http://data.europeana.eu/concept/43");
  CHECK(guess.at("probability").to_number<double>() > 0.4);

  CHECK(run({"-", "--format", "jsonl"}, {.input = picture + "\n" + picture + "\n"}).out ==
        run({picture, picture, "--format", "jsonl"}).out);
}

TEST_CASE("a picture that is none is named, counted, and leaves the others: status 3") {
  const place& here = trained();
  eucv::write_file_atomically(here.folder / "page.jpg", "<!DOCTYPE html><title>404</title>");
  const auto end = test::run_eucv({"classify", here.path("model"), here.path("page.jpg"), here.path("nowhere.jpg"),
                                   here.path("images/map/1.png"), "--format", "csv"});
  CHECK(end.status == 3);
  CHECK(std::ranges::count(end.out, '\n') == 4);
  CHECK(end.err.find("1 file: not_an_image\n") != std::string::npos);
  CHECK(end.err.find("1 file: not_found\n") != std::string::npos);
}

TEST_CASE("pictures that cannot be trained on are refused in one line") {
  const place here;
  const auto fails = [&](const std::vector<std::string>& command, const char* expected) {
    check_failure(test::run_eucv(command), expected);
    CHECK_FALSE(std::filesystem::exists(here.folder / "model" / "model.json"));
  };
  auto large = here.train();
  large.back() = "500";
  fails(large, "batch");

  auto nowhere = here.train();
  nowhere[1] = here.path("nowhere");
  fails(nowhere, "nowhere");

  auto unwritable = here.train();
  unwritable[3] = "/proc/no-folder/model";
  fails(unwritable, "/proc/no-folder");

  eucv::make_folder(here.folder / "images" / "empty");
  fails(here.train(), "empty");
  std::filesystem::copy_file(here.folder / "images/map/1.png", here.folder / "images/empty/1.png");
  fails(here.train(), "empty"); // one picture cannot be on both sides of a split
}

TEST_CASE("a model that cannot be read is refused in one line") {
  const place& here = trained();
  const auto broken = [&](const char* name) {
    std::filesystem::remove_all(here.folder / name);
    std::filesystem::copy(here.folder / "model", here.folder / name, std::filesystem::copy_options::recursive);
    return here.folder / name;
  };
  const auto fails = [&](const char* model, const char* expected) {
    check_failure(test::run_eucv({"evaluate", here.path(model), here.path("images")}), expected);
    check_failure(test::run_eucv({"classify", here.path(model), here.path("images/map/1.png")}), expected);
  };
  fails("nowhere", "nowhere");

  const auto cut = broken("cut") / "weights.safetensors";
  std::filesystem::resize_file(cut, std::filesystem::file_size(cut) - 100);
  fails("cut", "weights.safetensors");

  const auto future = broken("future") / "model.json";
  std::string text = eucv::read_file(future);
  const std::string version = "\"format_version\": 1";
  REQUIRE(text.find(version) != std::string::npos);
  text.replace(text.find(version), version.size(), "\"format_version\": 99");
  eucv::write_file_atomically(future, text);
  fails("future", "99");

  const auto torn = broken("torn") / "model.json";
  eucv::write_file_atomically(torn, "{\"format_version\": 1");
  fails("torn", "model.json");

  eucv::make_folder(here.folder / "strange" / "spaceship");
  std::filesystem::copy_file(here.folder / "images/map/1.png", here.folder / "strange/spaceship/1.png",
                             std::filesystem::copy_options::overwrite_existing);
  check_failure(test::run_eucv({"evaluate", here.path("model"), here.path("strange")}), "spaceship");
}

#pragma once

#include "program/demo_pictures.hpp"
#include "program/options.hpp"
#include "program/table_text.hpp"
#include "replay_server.hpp"

#include <eucv/core/error.hpp>
#include <eucv/core/file.hpp>
#include <eucv/core/json.hpp>
#include <eucv/core/json_text.hpp>
#include <eucv/dataset/folder.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <unistd.h>

namespace program {

struct demo_options : common_options {
  std::string out = "demo", images;
};

inline void describe_demo(CLI::App& command, demo_options& options) {
  command.add_option("--out", options.out, "Folder for all that the demo makes; a former demo in it is removed")
      ->capture_default_str();
  command.add_option("--images", options.images, "Your own pictures, a folder for each class, instead of Debian's");
}

namespace detail {

/// Sets an environment variable of this process as long as it lives.
class scoped_variable {
public:
  scoped_variable(const char* name, const std::string& value) : name_(name) {
    if (const char* const former = std::getenv(name)) former_ = former;
    ::setenv(name, value.c_str(), 1);
  }
  ~scoped_variable() { former_ ? ::setenv(name_, former_->c_str(), 1) : ::unsetenv(name_); }
  scoped_variable(const scoped_variable&) = delete;
  scoped_variable& operator=(const scoped_variable&) = delete;

private:
  const char* name_;
  std::optional<std::string> former_;
};

/// An empty folder for a demo. A former demo in it is removed; any other content is left alone, by an error.
inline void prepare_demo_folder(const std::filesystem::path& folder) {
  const std::filesystem::path mark = folder / "this-is-a-demo-of-eucv";
  eucv::make_folder(folder);
  if (!std::filesystem::is_empty(folder)) {
    if (!std::filesystem::exists(mark))
      throw eucv::error(eucv::errc::invalid_argument,
                        {"start the demo", folder.string(), "the folder holds something else than a former demo",
                         "name another one with --out"});
    std::cout << "Removing the former demo in " << folder.string() << ".\n";
    for (const auto& entry : std::filesystem::directory_iterator(folder))
      if (entry.path() != mark) std::filesystem::remove_all(entry.path());
  }
  eucv::write_file_atomically(mark, "The next `eucv demo` in this folder removes all that is in it.\n");
}

/// The commands of a demo: printed as a user would type them, then run as if he had.
class demo_session {
public:
  demo_session(const demo_options& options) : options_(options) {}

  void run(std::vector<std::string> arguments) {
    std::string line = "eucv";
    for (const auto& word : arguments) line += ' ' + quoted(word);
    const bool bold = ::isatty(STDOUT_FILENO) != 0 && !is_set("NO_COLOR");
    std::cout << '\n' << (bold ? "\x1b[1m$ " : "$ ") << line << (bold ? "\x1b[0m" : "") << std::endl;
    for (const auto& [name, number] : {std::pair{"--seed", options_.seed}, std::pair{"--threads", options_.threads}})
      if (number != (std::string_view(name) == "--seed" ? 1U : 0U)) {
        arguments.emplace_back(name);
        arguments.push_back(std::to_string(number));
      }
    if (options_.quiet) arguments.emplace_back("--quiet");
    last_ = run_command(std::move(arguments));
    if (last_ == status::incomplete) std::cout << "(some items failed, as they do on the web: exit status 3)\n";
  }
  /// Whether the last command came to its end.
  [[nodiscard]] bool went_well() const { return last_ == status::done || last_ == status::incomplete; }
  [[nodiscard]] status last() const { return last_; }

private:
  static std::string quoted(const std::string& word) {
    const bool plain = !word.empty() && word.find_first_of(" '\"$&|;()<>*?\\") == std::string::npos;
    return plain ? word : "'" + word + "'";
  }

  const demo_options& options_;
  status last_ = status::done;
};

/// The first kept-aside picture of each class, for classify.
inline std::vector<std::string> unseen_pictures(const std::filesystem::path& folder) {
  const auto kept = eucv::dataset::read_image_folder(folder);
  std::vector<std::string> files;
  std::optional<std::size_t> label;
  for (const auto& picture : kept.files) {
    if (label == picture.label) continue;
    label = picture.label;
    files.push_back(picture.file.string());
    if (files.size() == 6) break;
  }
  return files;
}

} // namespace detail

/// `eucv demo`: harvest to prediction with no key and no network, through the code that talks to the real service.
inline status demo(const demo_options& options) {
  const auto begin = std::chrono::steady_clock::now();
  const auto pictures = options.images.empty() ? packaged_pictures() : pictures_in(options.images);
  const auto concepts = concepts_for(pictures);
  const std::filesystem::path out = options.out;
  detail::prepare_demo_folder(out);
  const auto in = [&](const char* name) { return (out / name).string(); };

  const replay::server server(demo_collection(pictures, concepts));
  const detail::scoped_variable key("EUROPEANA_API_KEY", server.key());
  std::cout << "This process replays Europeana's Search API and a host of images at " << server.origin() << ",\nwith "
            << counted(pictures.size(), "picture") << " of " << counted(concepts.size(), "class", "classes");
  if (options.images.empty())
    std::cout
        << " from the packages pysiogame and kgeography-data. Animals, clothes and\nbuildings are cartoon "
           "drawings, the maps are real maps; 20 drawings of parts, as a zip or a brick, are left out. Three\nlinks "
           "are dead and one leads to a page of HTML, as on the web. The replay states public domain for all of them; "
           "the maps are under the GPL.\n";
  else
    std::cout << " from " << options.images << "; three more links are dead, one leads to a page of HTML.\n";
  std::cout << "Against the real service the same commands go without --endpoint and --allow-private-addresses.\n";

  std::string vocabulary;
  for (const auto& [label, uri] : concepts)
    vocabulary += (vocabulary.empty() ? "{\n  " : ",\n  ") + eucv::json_string(label) + ": " + eucv::json_string(uri);
  eucv::write_file_atomically(out / "vocabulary.json", vocabulary + "\n}\n");

  std::map<std::string, std::size_t> sizes;
  for (const auto& picture : pictures) ++sizes[picture.label];
  const std::size_t most = std::ranges::max_element(sizes, {}, [](const auto& entry) { return entry.second; })->second;

  detail::demo_session session(options);
  const std::vector<std::vector<std::string>> road{
      {"harvest", "--vocabulary", in("vocabulary.json"), "--out", in("all.csv"), "--per-class",
       std::to_string(most + 4), "--endpoint", server.origin()},
      {"dataset", "stats", in("all.csv")},
      {"dataset", "sample", in("all.csv"), "--fraction", "0.2", "--out", in("kept-aside.csv")},
      {"dataset", "subtract", in("all.csv"), in("kept-aside.csv"), "--out", in("training.csv")},
      {"download", in("training.csv"), "--out", in("training"), "--allow-private-addresses"},
      {"download", in("kept-aside.csv"), "--out", in("kept-aside"), "--allow-private-addresses"},
      {"train", in("training"), "--out", in("model"), "--arch", "small", "--size", "64", "--epochs", "40", "--monitor",
       "last"},
      {"evaluate", in("model"), in("kept-aside"), "--json", in("evaluation.json"), "--report", in("report"), "--table",
       in("all.csv")}};
  for (const auto& command : road) {
    session.run(command);
    if (!session.went_well()) return session.last();
  }
  std::vector<std::string> classify{"classify", in("model")};
  for (const auto& file : detail::unseen_pictures(out / "kept-aside")) classify.push_back(file);
  classify.insert(classify.end(), {"--top", "2"});
  session.run(classify);
  if (!session.went_well()) return session.last();

  const auto figures = eucv::parse_json(eucv::read_file(out / "evaluation.json"), in("evaluation.json"));
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  std::cout << "\nAccuracy " << fixed(figures.at("accuracy").to_number<double>()) << " on "
            << counted(figures.at("n").to_number<std::size_t>(), "picture") << " that were never trained on, after "
            << fixed(seconds, 0) << " s in all.\nTables: " << in("all.csv") << ", " << in("training.csv") << ", "
            << in("kept-aside.csv") << "\nImages: " << in("training") << ", " << in("kept-aside")
            << "\nModel:  " << in("model") << ", its figures in " << in("evaluation.json")
            << "\nReport: " << in("report") << "/index.html\n";
  return status::done;
}

} // namespace program

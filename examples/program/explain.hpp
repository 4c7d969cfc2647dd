#pragma once

#include "program/interrupt.hpp"
#include "program/options.hpp"
#include "program/picture_paths.hpp"
#include "program/table_text.hpp"

#include <eucv/classify/classifier.hpp>
#include <eucv/classify/explain.hpp>
#include <eucv/core/error.hpp>
#include <eucv/core/file.hpp>
#include <eucv/dataset/picture.hpp>
#include <eucv/explain/heat_map.hpp>
#include <eucv/image/encode.hpp>
#include <eucv/report/page.hpp>
#include <eucv/report/section/pictures.hpp>
#include <eucv/report/shown_pictures.hpp>

#include <CLI/CLI.hpp>

#include <cstddef>
#include <filesystem>
#include <iostream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace program {

struct explain_command_options : common_options {
  std::string model, out;
  std::vector<std::string> paths;
  eucv::classify::explain_options how;
};

inline const std::map<std::string, eucv::explain::method>& explain_methods() {
  static const std::map<std::string, eucv::explain::method> all{
      {"gradcam", eucv::explain::method::grad_cam}, {"gradcam++", eucv::explain::method::grad_cam_plus_plus}};
  return all;
}

inline void describe_explain(CLI::App& command, explain_command_options& options) {
  command.add_option("model", options.model, "Folder of a trained model")->type_name("MODEL")->required();
  command
      .add_option("images", options.paths, "An image; for a sheet images, folders of them, or - for a list of paths")
      ->type_name("IMAGE")
      ->required();
  command.add_option("--out", options.out, "MAP.png for one image at its own size, or SHEET.html for many")->required();
  command.add_option("--label", options.how.label, "Show what speaks for this label; without it: the most probable");
  command.add_option("--layer", options.how.layer, "Look at this layer; without it: the last before the head");
  command.add_option("--method", options.how.method, "gradcam or gradcam++")
      ->transform(CLI::CheckedTransformer(explain_methods()))
      ->type_name("METHOD");
}

namespace detail {

/// A page with the maps of all images.
inline status explain_many(eucv::classify::classifier& model, const explain_command_options& options,
                           picture_paths& paths) {
  constexpr std::size_t longest = 320;
  const interrupt signals;
  std::vector<eucv::report::shown_picture> all;
  std::map<std::string, std::size_t> failures;
  std::string layer;
  while (const auto path = paths.next()) {
    if (signals.token().stop_requested())
      throw eucv::error(eucv::errc::interrupted, {"explain", path->string(), "asked to stop", "run it again"});
    const auto picture = eucv::dataset::read_picture(*path, {.shorter_side = 2 * longest});
    if (!picture) {
      std::cerr << "passed over: " << picture.error().what() << std::endl;
      ++failures[picture.error().reason()];
      continue;
    }
    const auto found = eucv::classify::explain_picture(model, *picture, options.how);
    layer = found.layer;
    const auto map = eucv::explain::overlay(*picture, found.map, found.seen);
    all.push_back({.file = path->filename().string(),
                   .labels = {{found.label.label, found.label.probability, false, true}},
                   .picture = eucv::report::thumbnail(*picture, longest),
                   .maps = {{found.label.label, eucv::report::thumbnail(map, longest)}}});
  }
  const std::string title = "What " + model.about().architecture + " looks at";
  eucv::write_file_atomically(
      options.out, eucv::report::document(title, "<main><h1>" + eucv::report::escape(title) + "</h1>\n" +
                                                     eucv::report::section::map_legend(
                                                         layer, eucv::report::method_name(options.how.method)) +
                                                     eucv::report::section::gallery(all) + "</main>\n"));
  std::cout << counted(all.size(), "map") << " in " << options.out << '\n';
  for (const auto& [reason, count] : failures) std::cerr << counted(count, "file") << ": " << reason << '\n';
  return failures.empty() ? status::done : status::incomplete;
}

} // namespace detail

/// `eucv explain`: where in an image the network found what speaks for a label.
inline status explain(const explain_command_options& options) {
  auto model = eucv::classify::classifier::load(options.model, {.threads = options.threads});
  picture_paths paths(options.paths, std::cin);
  const std::string extension = std::filesystem::path(options.out).extension().string();
  if (extension == ".html" || extension == ".htm") return detail::explain_many(model, options, paths);
  const auto path = paths.next();
  const bool several = path && paths.next();
  if (!path || several || extension != ".png")
    throw eucv::error(eucv::errc::invalid_argument,
                      {"explain", options.out, several ? "a PNG file holds one map" : "it is no name of a PNG file",
                       "name a file MAP.png for one image, or SHEET.html for many"});
  const auto picture = eucv::dataset::read_picture(*path);
  if (!picture) throw picture.error();
  const auto found = eucv::classify::explain_picture(model, *picture, options.how);
  eucv::write_file_atomically(options.out,
                              eucv::image::encode_png(eucv::explain::overlay(*picture, found.map, found.seen)));
  std::cout << found.label.label << ' ' << fixed(100 * found.label.probability, 1) << " %, "
            << eucv::report::method_name(options.how.method) << " at " << found.layer << ", in " << options.out << '\n';
  if (found.map.peak() == 0) std::cerr << "nothing in the image speaks for that label: the map is empty\n";
  return status::done;
}

} // namespace program

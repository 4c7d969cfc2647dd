#pragma once

#include <eucv/classify/classifier.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/explain/grad_cam.hpp>
#include <eucv/explain/heat_map.hpp>
#include <eucv/image/bitmap.hpp>

#include <string>
#include <vector>

namespace eucv::classify {

/// What a map is to show.
struct explain_options {
  std::string label = {}; ///< what the map speaks for; empty: the most probable label
  std::string layer = {}; ///< one of explainable_layers(); empty: the last of the last block, before it pools
  explain::method method = explain::method::grad_cam;
};

/// Where in a picture a network found what speaks for a label.
struct explanation {
  ranked_label label;    ///< that label
  std::string layer;     ///< the layer that was looked at
  explain::heat_map map; ///< over the part `seen`
  image::rectangle seen; ///< the middle square, in pixels of the picture; what lies outside had no say
};

/// The layers that explain_options::layer may name, from the input on.
[[nodiscard]] std::vector<std::string> explainable_layers(classifier& model);

/// Explains one label of a picture of any size by Grad-CAM or Grad-CAM++, see grad_cam(). A map of zeros says that
/// nothing in the picture speaks for the label. Costs a prediction, and a pass there and back; the model is left as it
/// was. Throws unknown_label and not_found, which list the labels or layers that there are.
[[nodiscard]] explanation explain_picture(classifier& model, const image::bitmap& picture,
                                          const explain_options& options = {});

} // namespace eucv::classify

#ifdef EUCV_IMPLEMENTATION_CLASSIFY

#include <eucv/classify/network.hpp>
#include <eucv/dataset/picture.hpp>
#include <eucv/image/resize.hpp>

#include <algorithm>
#include <cstddef>

namespace eucv::classify {

std::vector<std::string> explainable_layers(classifier& model) {
  return model.inside().net->layers();
}

explanation explain_picture(classifier& model, const image::bitmap& picture, const explain_options& options) {
  auto& parts = model.inside();
  const auto& labels = parts.about.labels;
  const auto ranked = model.predict(picture);
  const std::string& wanted = options.label.empty() ? ranked.front().label : options.label;
  const auto found = std::ranges::find(labels, wanted, &label::name);
  if (found == labels.end()) {
    std::string known;
    for (const auto& each : labels) known += (known.empty() ? "" : ", ") + each.name;
    throw error(errc::unknown_label, {"explain a prediction", "the label \"" + wanted + "\"",
                                      "the model knows no such label", "choose one of " + known});
  }
  const std::size_t size = parts.about.pictures.size;
  std::vector<float> pixels;
  parts.writer.append(dataset::middle_square(image::shrink_shorter_side(picture, size), size), pixels);
  const auto wanted_class = static_cast<std::size_t>(found - labels.begin());
  auto [map, layer] = parts.net->explain(pixels, wanted_class, options.layer, options.method);
  const std::size_t side = std::min(picture.width, picture.height);
  return {*std::ranges::find(ranked, wanted, &ranked_label::label),
          std::move(layer),
          std::move(map),
          {(picture.width - side) / 2, (picture.height - side) / 2, side, side}};
}

} // namespace eucv::classify
#endif

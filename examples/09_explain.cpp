// Show where in a picture a model found what speaks for a label.
//
//     09_explain MODEL PICTURE MAP.png [LABEL]
#include <eucv/classify/explain.hpp>
#include <eucv/core/file.hpp>
#include <eucv/dataset/picture.hpp>
#include <eucv/explain/heat_map.hpp>
#include <eucv/image/encode.hpp>

#include <iostream>

int main(int count, char** arguments) {
  if (count < 4) {
    std::cerr << "usage: 09_explain MODEL PICTURE MAP.png [LABEL]\n";
    return 2;
  }
  try {
    auto model = eucv::classify::classifier::load(arguments[1]);
    const auto picture = eucv::dataset::read_picture(arguments[2]);
    if (!picture) throw picture.error();

    // Grad-CAM by itself looks at the last layer before the head, and at the most probable label. A layer closer to the
    // input gives a finer map of simpler things: explainable_layers() lists them.
    const std::string label = count > 4 ? arguments[4] : "";
    const auto found = eucv::classify::explain_picture(model, *picture, {.label = label});
    std::cout << found.label.label << ' ' << found.label.probability << ", looked at " << found.layer << '\n';

    // The map is a coarse grid of numbers; overlay() lays it over the part of the picture that the network saw.
    std::cout << found.map.width << 'x' << found.map.height << " cells, the largest " << found.map.peak() << '\n';
    const auto shown = eucv::explain::overlay(*picture, found.map, found.seen);
    eucv::write_file_atomically(arguments[3], eucv::image::encode_png(shown));
    return 0;
  } catch (const eucv::error& failure) {
    std::cerr << failure.what() << '\n'; // an unknown label: the message lists those that there are
    return 1;
  }
}

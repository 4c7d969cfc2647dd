// Load a model and say what pictures show.
//
//     04_classify MODEL PICTURE...
#include <eucv/classify/classifier.hpp>
#include <eucv/core/file.hpp>
#include <eucv/image/decode.hpp>

#include <iostream>

int main(int count, char** arguments) {
  if (count < 3) {
    std::cerr << "usage: 04_classify MODEL PICTURE...\n";
    return 2;
  }
  try {
    // A model is a folder: weights.safetensors, with PyTorch's names and layout, and model.json.
    auto model = eucv::classify::classifier::load(arguments[1]);
    std::cout << model.about().architecture << ", " << model.about().labels.size() << " labels\n";

    int unread = 0;
    for (int i = 2; i < count; ++i) {
      // decode() checks bytes, pixels and memory before it believes a file, and returns a result: the picture, or why
      // there is none. What is not an image is an everyday thing on the web, no reason to end a run.
      const auto picture = eucv::image::decode(eucv::read_file(arguments[i]));
      if (!picture) {
        std::cout << arguments[i] << ": " << picture.error().reason() << '\n';
        ++unread;
        continue;
      }
      std::cout << arguments[i] << ", " << picture->width << 'x' << picture->height << ":\n";
      for (const auto& guess : model.predict(*picture, 3))
        std::cout << "  " << guess.probability << "  " << guess.label << "  " << guess.uri << '\n';
    }
    return unread == 0 ? 0 : 3;
  } catch (const eucv::error& failure) {
    std::cerr << failure.what() << '\n'; // no such file, another version of the model, weights cut off
    return 1;
  }
}

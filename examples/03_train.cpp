// Train a model on any folder that holds a folder of pictures for each class.
//
//     03_train IMAGES MODEL [ARCHITECTURE]
//
// Stop it at any time and run it again: it goes on, and ends with the bits of an unbroken run.
#include <eucv/classify/train.hpp>

#include <iostream>

int main(int count, char** arguments) {
  if (count < 3) {
    std::cerr << "usage: 03_train IMAGES MODEL [ARCHITECTURE]\n";
    return 2;
  }
  try {
    // Hyper-parameters are fields with defaults: name those that you change.
    eucv::classify::train_options options;
    options.architecture = count > 3 ? arguments[3] : "small";
    options.size = 32;
    options.epochs = 12;
    options.batch = 8;
    // Where labels get concept URIs from, by name; a download leaves a vocabulary.json for them beside the pictures.
    options.vocabulary = eucv::dataset::pilot_vocabulary();
    options.progress = [](const eucv::progress& step) {
      std::cerr << step.done << '/' << step.total << ' ' << step.note << '\r';
    };
    const auto done = eucv::classify::train_classifier(arguments[1], arguments[2], options);

    // Part of the pictures was kept aside to choose the best epoch. A fair judgement takes pictures that had no part in
    // any choice: see `eucv evaluate`, or classify::judge_folder().
    std::cout << "\nepoch  training loss  validation accuracy\n";
    for (const auto& epoch : done.history)
      std::cout << epoch.epoch << "  " << epoch.train_loss << "  " << epoch.validation_accuracy << '\n';
    std::cout << "the best was epoch " << done.best_epoch << ": accuracy " << done.figures.accuracy << ", macro F1 "
              << done.figures.macro.f1 << " on " << done.validation << " pictures\n";

    // A file that cannot be read does not end the training; it is passed over and told.
    for (const auto& bad : done.unreadable) std::cout << bad.file << ": " << bad.reason << '\n';
    return 0;
  } catch (const eucv::error& failure) {
    std::cerr << failure.what() << '\n';
    return 1;
  }
}

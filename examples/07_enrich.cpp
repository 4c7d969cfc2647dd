// Is the model fit for enrichment, and are the labels right? Asks models that had not seen the picture in question.
//
//     07_enrich IMAGES MODEL
#include <eucv/classify/calibrate.hpp>
#include <eucv/classify/cross_validate.hpp>
#include <eucv/judge/audit.hpp>

#include <iostream>

int main(int count, char** arguments) {
  if (count < 3) {
    std::cerr << "usage: 07_enrich IMAGES MODEL\n";
    return 2;
  }
  try {
    eucv::classify::train_options options;
    options.size = 32;
    options.epochs = 8;
    options.batch = 8;

    eucv::thread_pool pool;
    const auto pictures = eucv::dataset::read_picture_set(arguments[1], pool);
    const auto folds = eucv::classify::cross_validate(pictures, "folds", 3, options);
    const auto& seen = folds.predictions;
    for (const auto& each : eucv::judge::audit_labels(seen).items)
      std::cout << seen.files[each.item] << " is rather " << seen.labels[each.suggested.front()] << '\n';

    auto done = eucv::classify::train_classifier(pictures, arguments[2], options);
    const auto found = eucv::classify::calibrate(done.model, seen, {.target_precision = 0.8});
    done.model.save(arguments[2]);
    std::cout << found.plan.automatic << " of " << found.plan.n << " pictures need no human review\n";
    return 0;
  } catch (const eucv::error& failure) {
    std::cerr << failure.what() << '\n';
    return 1;
  }
}

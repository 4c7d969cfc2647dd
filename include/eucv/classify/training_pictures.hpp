#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/parallel.hpp>
#include <eucv/dataset/batch.hpp>
#include <eucv/dataset/batches.hpp>
#include <eucv/dataset/decoded_cache.hpp>
#include <eucv/dataset/duplicates.hpp>
#include <eucv/dataset/epoch_order.hpp>
#include <eucv/dataset/folder.hpp>
#include <eucv/dataset/picture_set.hpp>
#include <eucv/dataset/split.hpp>
#include <eucv/image/augment.hpp>
#include <eucv/train/source.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace eucv::classify {

/// How a folder of labelled pictures is divided and read.
struct training_picture_options {
  std::size_t size = 128; ///< rows and columns of what a network gets, in pixels
  std::size_t batch = 32;
  double validation = 0.1; ///< part of each class that is kept aside
  std::uint64_t seed = 1;
  std::size_t threads = 0; ///< 0: one a core
  dataset::pixel_scale scale = {};
  dataset::epoch_order order = dataset::epoch_order::shuffled; ///< of those to train on
  image::augmentation variation = {};                          ///< of those to train on; with `size` from above
};

/// Labelled pictures for a training: divided by a seed, stratified, copies of one picture on one side, the training
/// part shuffled and varied anew in each epoch. Sources refer to this
/// object, which must outlive them.
class training_pictures {
public:
  /// Throws invalid_argument where there is one class only, batch_too_large where a batch has more pictures than there
  /// are to train on, and what read_image_folder() and stratified_split() throw.
  training_pictures(dataset::picture_set set, const training_picture_options& options)
      : options_(options), data_(std::move(set.pictures)), duplicates_(std::move(set.copies)) {
    const auto& images = set.folder;
    if (data_.labels.size() < 2)
      throw error(
          errc::invalid_argument,
          {"train", images.string(),
           data_.labels.empty() ? "no label is left" : "it has one class only, \"" + data_.labels.front() + "\"",
           "add pictures of another class, in a folder of their own"});
    const auto split = dataset::stratified_split(data_, {.validation = options_.validation, .seed = options_.seed});
    dataset::check_leakage(data_.files, duplicates_, split);
    training_ = dataset::pick(data_.files, split.train);
    validation_ = dataset::pick(data_.files, split.validation);
    if (options_.batch > training_.size())
      throw error(errc::batch_too_large,
                  {"train", images.string(),
                   "a batch of " + std::to_string(options_.batch) + " pictures, and only " +
                       std::to_string(training_.size()) + " to train on",
                   "lower the batch to " + std::to_string(training_.size()) + " or less, or add pictures"});
  }
  /// Reads the pictures of a folder.
  training_pictures(const std::filesystem::path& images, const training_picture_options& options)
      : training_pictures(read(images, options.threads), options) {}
  training_pictures(const training_pictures&) = delete;
  training_pictures& operator=(const training_pictures&) = delete;

  [[nodiscard]] const std::vector<std::string>& labels() const noexcept { return data_.labels; }

  /// Files that hold a picture which another one holds as well; each such group is on one side.
  [[nodiscard]] const dataset::duplicate_groups& duplicates() const noexcept { return duplicates_; }

  [[nodiscard]] train::source training() { return source(training_, use::training); }
  [[nodiscard]] train::source validation() { return source(validation_, use::validation); }
  /// Those to train on, neither shuffled nor varied: each epoch is the same.
  [[nodiscard]] train::source plain_training() { return source(training_, use::features); }

  /// Pictures of each part that could be read, as far as sources have come.
  [[nodiscard]] std::size_t readable_training() const { return readable(training_); }
  [[nodiscard]] std::size_t readable_validation() const { return readable(validation_); }
  [[nodiscard]] std::vector<dataset::unreadable_file> unreadable() const {
    std::vector<dataset::unreadable_file> list;
    for (const auto& [file, reason] : unreadable_) list.push_back({file, reason});
    return list;
  }

  [[nodiscard]] const dataset::image_folder& folder() const noexcept { return data_; } ///< all pictures
  /// Those to train on.
  [[nodiscard]] const std::vector<dataset::labelled_file>& training_files() const noexcept { return training_; }

  /// A line for each picture, with its label, name, size and group: what tells one set of pictures from another,
  /// whatever the folder is called that they lie in.
  [[nodiscard]] std::string list() const {
    std::string lines;
    for (const auto& each : data_.files) {
      const auto size = dataset::stored_size(each);
      lines += data_.label_text(each) + "/" + each.file.filename().string() + " " +
               (size == 0 ? "missing" : std::to_string(size)) + " " + each.group + "\n";
    }
    return lines;
  }

private:
  static dataset::picture_set read(const std::filesystem::path& images, std::size_t threads) {
    thread_pool pool(threads);
    return dataset::read_picture_set(images, pool);
  }

  [[nodiscard]] std::size_t readable(const std::vector<dataset::labelled_file>& files) const {
    return static_cast<std::size_t>(
        std::count_if(files.begin(), files.end(), [&](const auto& each) { return !unreadable_.contains(each.file); }));
  }

  enum class use { training, validation, features };
  [[nodiscard]] train::source source(const std::vector<dataset::labelled_file>& files, use what_for) {
    const bool to_train = what_for == use::training;
    dataset::batch_options how{.size = options_.size,
                               .batch = options_.batch,
                               .scale = options_.scale,
                               .seed = options_.seed,
                               .threads = options_.threads,
                               .cache = &cache_};
    if (to_train) {
      how.order = options_.order;
      how.augmentation = options_.variation;
    }
    return {dataset::batch_count(files.size(), options_.batch),
            [this, &files, how, to_train](std::size_t epoch, std::size_t first) mutable -> train::reader {
              how.epoch = epoch;
              how.first_batch = first;
              auto epoch_of = std::make_shared<dataset::batches>(files, how);
              return [this, epoch_of, to_train, noted = std::size_t{0}]() mutable {
                auto pictures = epoch_of->next();
                for (; noted < epoch_of->unreadable().size(); ++noted)
                  unreadable_.emplace(epoch_of->unreadable()[noted].file, epoch_of->unreadable()[noted].reason);
                // One picture alone has no variance to be normalised by. The order changes, so it has its turn later.
                if (to_train && pictures && pictures->n == 1 && options_.batch > 1)
                  return std::optional(dataset::batch{});
                return pictures;
              };
            }};
  }

  training_picture_options options_;
  dataset::image_folder data_;
  dataset::duplicate_groups duplicates_;
  std::vector<dataset::labelled_file> training_, validation_;
  dataset::decoded_cache cache_{std::size_t{512} << 20};
  std::map<std::filesystem::path, std::string> unreadable_;
};

} // namespace eucv::classify

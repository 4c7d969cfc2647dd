#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/core/random.hpp>
#include <eucv/core/result.hpp>
#include <eucv/dataset/batch.hpp>
#include <eucv/dataset/decoded_cache.hpp>
#include <eucv/dataset/epoch_order.hpp>
#include <eucv/dataset/folder.hpp>
#include <eucv/dataset/picture.hpp>
#include <eucv/image/augment.hpp>
#include <eucv/image/decode_options.hpp>

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace eucv::dataset {

/// Options of batches: size and augmentation of the pictures, order, threads.
struct batch_options {
  std::size_t size = 128; ///< width and height of the pictures
  std::size_t batch = 32; ///< pictures a batch; the last one holds what is left
  epoch_order order = epoch_order::listed;
  std::optional<image::augmentation> augmentation{}; ///< with `size` from above; none: middle_square()
  pixel_scale scale{};
  std::uint64_t seed = 1;
  std::size_t epoch = 0;
  std::size_t first_batch = 0;    ///< batches to leave out at the beginning, for a training that goes on
  std::size_t threads = 0;        ///< that read and decode beside the caller; 0: one a core
  std::size_t queue = 0;          ///< batches ready or in work at one time; 0: one more than threads
  decoded_cache* cache = nullptr; ///< where pictures are kept for later epochs; must outlive the batches
  image::decode_limits limits{};
};

/// A file that could not be read, and why: error::reason().
struct unreadable_file {
  std::filesystem::path file;
  std::string reason;
  friend bool operator==(const unreadable_file&, const unreadable_file&) = default;
};

/// Number of batches in an epoch of `files` files.
[[nodiscard]] constexpr std::size_t batch_count(std::size_t files, std::size_t batch) noexcept {
  return files / batch + (files % batch == 0 ? 0 : 1);
}

/// A data loader: one epoch of labelled files as batches, which threads prepare in the background.
///
/// Which file stands in which batch, and how it is augmented, follows from (seed, epoch, place in the list) alone: the
/// batches have the same bits for any number of threads, with and without cache, and from first_batch on. A file that
/// cannot be read is left out and listed by unreadable(); its batch is smaller by one, at worst empty, and no other
/// moves. Memory: at most `queue` batches and one picture a thread. next() and unreadable() are for one thread.
class batches {
public:
  /// Starts to prepare. `files` must outlive the object. Throws errc::invalid_argument for a size or batch of 0 and a
  /// scale that is none, and errc::batch_too_large for a shuffled epoch of fewer files than one batch: a training would
  /// never see the batch it was set up for. In listed order that is one smaller batch.
  batches(std::span<const labelled_file> files, batch_options options);
  /// Deleted: a temporary list would be gone before the batches are read.
  batches(std::vector<labelled_file>&&, batch_options) = delete;
  batches(const batches&) = delete;
  batches& operator=(const batches&) = delete;

  /// Number of batches in the whole epoch, those before first_batch included.
  [[nodiscard]] std::size_t size() const noexcept { return count_; }

  /// The next batch, waiting for it where it is not ready; nothing after the last. Throws what its preparation threw,
  /// which is never the fault of one file: memory ran out.
  [[nodiscard]] std::optional<batch> next();

  /// The unreadable files of the batches that next() has given, in their order.
  [[nodiscard]] const std::vector<unreadable_file>& unreadable() const noexcept { return unreadable_; }

private:
  struct product {
    batch pictures;
    std::vector<unreadable_file> unreadable;
    std::exception_ptr failure;
  };

  static batch_options with_defaults(batch_options options);

  [[nodiscard]] std::vector<std::size_t> order() const;

  void work(const std::stop_token& stop);

  [[nodiscard]] product prepare(std::size_t number, const std::stop_token& stop) const;

  // Pictures are kept no larger than they are used. A random crop uses a part of one, so it starts from more pixels.
  [[nodiscard]] std::size_t shorter_side() const noexcept {
    return options_.augmentation ? options_.size + options_.size / 2 : options_.size;
  }

  [[nodiscard]] result<std::shared_ptr<const image::bitmap>> read(const labelled_file& from) const;

  [[nodiscard]] image::bitmap shape(const image::bitmap& picture, std::size_t variation) const;

  std::span<const labelled_file> files_;
  batch_options options_;
  pixel_writer writer_;
  random epoch_;
  std::vector<std::size_t> order_; // of each place in the epoch its file
  std::size_t count_;
  std::vector<unreadable_file> unreadable_;

  std::mutex mutex_; // guards what follows, but for given_ in next(), which alone writes it
  std::condition_variable ready_;
  std::condition_variable_any room_; // waits with a stop token
  std::size_t taken_;                // batches that threads have begun
  std::size_t given_;                // batches that next() has given
  std::vector<std::optional<product>> slots_;
  std::vector<std::jthread> workers_; // last: they are stopped and joined before anything else goes
};

} // namespace eucv::dataset

#ifdef EUCV_IMPLEMENTATION_DATASET
#include <eucv/core/error.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace eucv::dataset {

batches::batches(std::span<const labelled_file> files, batch_options options)
    : files_(files), options_(with_defaults(options)), writer_(options_.scale),
      epoch_(random(options_.seed).fork(options_.epoch)), order_(order()),
      count_(batch_count(files.size(), options_.batch)), taken_(std::min(options_.first_batch, count_)), given_(taken_),
      slots_(options_.queue) {
  const std::size_t threads = std::min({options_.threads, options_.queue, count_ - taken_});
  for (std::size_t i = 0; i < threads; ++i) workers_.emplace_back([this](const std::stop_token& stop) { work(stop); });
}

std::optional<batch> batches::next() {
  if (given_ == count_) return std::nullopt;
  product made;
  {
    std::unique_lock lock(mutex_);
    auto& slot = slots_[given_ % slots_.size()];
    ready_.wait(lock, [&] { return slot.has_value(); });
    made = std::move(*slot);
    slot.reset();
    ++given_;
  }
  room_.notify_one();
  if (made.failure) std::rethrow_exception(made.failure);
  std::move(made.unreadable.begin(), made.unreadable.end(), std::back_inserter(unreadable_));
  return std::move(made.pictures);
}

batch_options batches::with_defaults(batch_options options) {
  if (options.size == 0 || options.batch == 0)
    throw error(errc::invalid_argument, {"make batches", options.size == 0 ? "the size of the pictures" : "the batch",
                                         "it is 0", "choose at least 1"});
  if (options.augmentation) options.augmentation->size = options.size;
  if (options.threads == 0) options.threads = std::max(1U, std::thread::hardware_concurrency());
  if (options.queue == 0) options.queue = options.threads + 1;
  return options;
}

std::vector<std::size_t> batches::order() const {
  if (options_.order != epoch_order::listed && options_.batch > files_.size())
    throw error(errc::batch_too_large, {"make batches", "batches of " + std::to_string(options_.batch) + " pictures",
                                        "there are only " + std::to_string(files_.size()) + " pictures",
                                        "choose a batch of at most that many, or add pictures"});
  std::vector<std::size_t> labels;
  labels.reserve(files_.size());
  for (const auto& each : files_) labels.push_back(each.label);
  random engine = epoch_;
  return places_of_epoch(options_.order, labels, engine);
}

void batches::work(const std::stop_token& stop) {
  while (true) {
    std::size_t number = 0;
    {
      std::unique_lock lock(mutex_);
      // Slot number % queue is free as soon as the batch `queue` places before has been given.
      const auto has_room = [&] { return taken_ == count_ || taken_ < given_ + slots_.size(); };
      if (!room_.wait(lock, stop, has_room) || stop.stop_requested() || taken_ == count_) return;
      number = taken_++;
    }
    product made;
    try {
      made = prepare(number, stop);
    } catch (...) {
      made.failure = std::current_exception();
    }
    {
      std::lock_guard lock(mutex_);
      slots_[number % slots_.size()] = std::move(made);
    }
    ready_.notify_one();
  }
}

batches::product batches::prepare(std::size_t number, const std::stop_token& stop) const {
  product made;
  batch& pictures = made.pictures;
  pictures.height = pictures.width = options_.size;
  const std::size_t begin = number * options_.batch, end = std::min(begin + options_.batch, files_.size());
  pictures.pixels.reserve((end - begin) * options_.size * options_.size * 3);
  for (std::size_t i = begin; i < end && !stop.stop_requested(); ++i) {
    const std::size_t item = order_[i];
    const auto picture = read(files_[item]);
    if (!picture) {
      made.unreadable.push_back({files_[item].file, picture.error().reason()});
      continue;
    }
    // In a balanced epoch a picture may stand at several places: each time it is varied in another way.
    const std::size_t variation = options_.order == epoch_order::balanced ? i : item;
    writer_.append(shape(**picture, variation), pictures.pixels);
    pictures.labels.push_back(files_[item].label);
    pictures.items.push_back(item);
    ++pictures.n;
  }
  return made;
}

result<std::shared_ptr<const image::bitmap>> batches::read(const labelled_file& from) const {
  if (options_.cache != nullptr)
    if (auto kept = options_.cache->find(from.file, shorter_side())) return kept;
  auto picture = read_picture(from, {.shorter_side = shorter_side(), .limits = options_.limits});
  if (!picture) return picture.error();
  auto shared = std::make_shared<const image::bitmap>(std::move(*picture));
  if (options_.cache != nullptr) options_.cache->keep(from.file, shorter_side(), shared);
  return std::shared_ptr<const image::bitmap>(std::move(shared));
}

image::bitmap batches::shape(const image::bitmap& picture, std::size_t variation) const {
  if (!options_.augmentation) return middle_square(picture, options_.size);
  random engine = epoch_.fork(variation);
  return image::augment(picture, *options_.augmentation, engine);
}

} // namespace eucv::dataset
#endif

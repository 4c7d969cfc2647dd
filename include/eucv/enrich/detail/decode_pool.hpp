#pragma once

#include <eucv/classify/classifier.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/core/result.hpp>
#include <eucv/crawl/spool.hpp>
#include <eucv/image/bitmap.hpp>
#include <eucv/image/decode_options.hpp>
#include <eucv/net/task.hpp>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace eucv::enrich::detail {

/// A decoded picture as the classifier takes it.
struct prepared {
  image::bitmap square; ///< the middle square, in the size of the network
  std::string sha256;   ///< of the received bytes
};

/// Threads beside the I/O thread: some decode pictures, one runs the classifier.
class decode_pool {
public:
  /// Starts `threads` decoding threads; 0: one a core. `model` must outlive it.
  decode_pool(classify::classifier& model, std::size_t threads);
  ~decode_pool();
  decode_pool(const decode_pool&) = delete;
  decode_pool& operator=(const decode_pool&) = delete;

  /// Decodes a received body; the result holds the error of the decoder.
  net::task<result<prepared>> prepare(crawl::spool body);
  /// Reads and decodes a file; the result holds the error of the file or the decoder.
  net::task<result<prepared>> prepare(std::filesystem::path file);
  /// The labels of pictures, most probable first, in the order of the pictures. One call at a time.
  net::task<std::vector<std::vector<classify::ranked_label>>> classify(std::vector<image::bitmap> squares);

private:
  struct pools;
  classify::classifier* model_;
  std::unique_ptr<pools> pools_;
};

} // namespace eucv::enrich::detail

#ifdef EUCV_IMPLEMENTATION_ENRICH
#include <eucv/core/digest.hpp>
#include <eucv/core/file.hpp>
#include <eucv/dataset/picture.hpp>
#include <eucv/image/decode.hpp>
#include <eucv/net/offload.hpp>

#include <boost/asio/thread_pool.hpp>

#include <algorithm>
#include <functional>
#include <span>
#include <thread>
#include <utility>

namespace eucv::enrich::detail {

struct decode_pool::pools {
  explicit pools(std::size_t threads) : decoders(threads), classifier(1) {}
  boost::asio::thread_pool decoders;
  boost::asio::thread_pool classifier; // the model has more threads of its own
};

decode_pool::decode_pool(classify::classifier& model, std::size_t threads)
    : model_(&model),
      pools_(std::make_unique<pools>(threads != 0 ? threads : std::max(1U, std::thread::hardware_concurrency()))) {}

decode_pool::~decode_pool() {
  pools_->decoders.join();
  pools_->classifier.join();
}

// Shrinking first to the shorter side lets the decoder of JPEG do most of it, as classifier::predict_files() does.
static result<prepared> prepare_bytes(const std::string& bytes, std::size_t size) {
  image::decode_options options;
  options.shorter_side = size;
  auto picture = image::decode(bytes, options);
  if (!picture) return picture.error();
  return prepared{dataset::middle_square(image::shrink_shorter_side(std::move(*picture), size), size),
                  sha256_text(bytes)};
}

// Shared, since offload() takes a copyable function and megabytes must not be copied.
net::task<result<prepared>> decode_pool::prepare(crawl::spool body) {
  std::function<result<prepared>()> work = [shared = std::make_shared<crawl::spool>(std::move(body)),
                                            size = model_->about().pictures.size] {
    return prepare_bytes(shared->take(), size);
  };
  return net::offload(pools_->decoders, std::move(work));
}

net::task<result<prepared>> decode_pool::prepare(std::filesystem::path file) {
  std::function<result<prepared>()> work = [file = std::move(file),
                                            size = model_->about().pictures.size]() -> result<prepared> {
    try {
      return prepare_bytes(read_file(file, image::decode_limits{}.bytes), size);
    } catch (const error& failure) {
      return failure;
    }
  };
  return net::offload(pools_->decoders, std::move(work));
}

net::task<std::vector<std::vector<classify::ranked_label>>> decode_pool::classify(std::vector<image::bitmap> squares) {
  std::function<std::vector<std::vector<classify::ranked_label>>()> work =
      [model = model_, shared = std::make_shared<std::vector<image::bitmap>>(std::move(squares))] {
        return model->predict(std::span<const image::bitmap>(*shared));
      };
  return net::offload(pools_->classifier, std::move(work));
}

} // namespace eucv::enrich::detail
#endif

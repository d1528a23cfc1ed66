<?php
// Time wp_insert_comment(), the function with which WordPress Importer stores a comment.
require getenv('WP_ROOT') . '/wp-load.php';
wp_suspend_cache_invalidation(true);
$post = wp_insert_post(['post_title' => 'Speed', 'post_status' => 'publish', 'post_content' => 'x']);
wp_defer_comment_counting(true);
$count = (int) getenv('WP_COUNT');
$start = microtime(true);
for ($i = 0; $i < $count; $i++) {
    wp_insert_comment(['comment_post_ID' => $post, 'comment_author' => "Reader $i", 'comment_author_email' => "r$i@example.org",
        'comment_content' => str_repeat("Words number $i of a reader. ", 10), 'comment_approved' => 1,
        'comment_date' => '2020-01-01 10:00:00', 'comment_date_gmt' => '2020-01-01 10:00:00', 'comment_type' => 'comment']);
}
wp_defer_comment_counting(false);
echo json_encode(['seconds' => microtime(true) - $start, 'comments' => $count]);

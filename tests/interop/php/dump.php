<?php
// Print the posts and comments as the database has them, and the comments as readers see them.
require getenv('WP_ROOT') . '/wp-load.php';
global $wpdb;
$posts = $wpdb->get_results("SELECT ID, post_type, post_status, post_password, post_title, post_date_gmt FROM {$wpdb->posts} WHERE post_status != 'auto-draft' AND post_type IN ('post', 'page', 'attachment')");
$comments = $wpdb->get_results("SELECT * FROM {$wpdb->comments} ORDER BY comment_ID");
foreach ($comments as $comment) {
    $comment->rendered = apply_filters('comment_text', $comment->comment_content, get_comment($comment->comment_ID), []);
}
echo json_encode(['posts' => $posts, 'comments' => $comments]);

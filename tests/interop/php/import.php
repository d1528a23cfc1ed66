<?php
// Import a WXR file by the plug-in "WordPress Importer" as its page does.
define('WP_LOAD_IMPORTERS', true);
define('WP_IMPORTING', true);
require getenv('WP_ROOT') . '/wp-load.php';
require ABSPATH . 'wp-admin/includes/admin.php';
require getenv('WP_IMPORTER') . '/src/wordpress-importer.php';
if (!isset($GLOBALS['wp_import'])) { wordpress_importer_init(); }
wp_set_current_user(1);
$importer = $GLOBALS['wp_import'] ?? new WP_Import();
$start = microtime(true);
ob_start();
$importer->import(getenv('WXR'));
$messages = trim(strip_tags(ob_get_clean()));
global $wpdb;
echo json_encode(['seconds' => microtime(true) - $start, 'messages' => $messages,
    'comments' => (int) $wpdb->get_var("SELECT count(*) FROM {$wpdb->comments}"),
    'posts' => (int) $wpdb->get_var("SELECT count(*) FROM {$wpdb->posts} WHERE post_type IN ('post', 'page')")]);
